"""The plan that `hostprobe bindings --print-plan` prints."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from hostprobe.cli.bindings import whole_plan
from hostprobe.cli.errors import UsageError
from hostprobe.facts.request import Request
from hostprobe.model.instance import Extension, Topology
from hostprobe.model.linkage import Linkage, Linkages
from tests.model.linked_host import EXTENSION, LIBPYTHON, instance
from tests.model.memory_files import MemoryFiles

MODULE, GIVEN, SCRIPT = "/mods/mod_a.so", Extension("given", "/x/given.so"), "/srv/shop.wsgi"
WSGI = "/mods/mod_wsgi.so"


def source(host, extra=(), **request):
    """An inspection of one instance."""
    linkage = Linkage(MemoryFiles({}), host, tuple(extra))
    inspection = SimpleNamespace(
        linkages=Linkages((linkage,)), topology=Topology((host,)), request=Request(**request)
    )
    return SimpleNamespace(inspection=inspection)


def added(*arguments, **options):
    """(path, caller) of what follows the parent's two readings of one LoadModule."""
    operations = whole_plan(source(*arguments, **options)).operations[3:]
    return [(each.path, each.caller) for each in operations]


def test_a_plan_is_the_parents_without_an_application():
    assert added(instance([MODULE], libpython=LIBPYTHON)) == []


def test_an_applications_imports_follow_and_libpython_opens_them():
    host = instance([MODULE], libpython=LIBPYTHON)
    assert added(host, app=SCRIPT) == [(EXTENSION, LIBPYTHON)]
    assert added(host, [GIVEN], app=SCRIPT) == [(EXTENSION, LIBPYTHON), (GIVEN.path, LIBPYTHON)]


def test_given_extensions_need_no_application():
    assert added(instance([MODULE]), [GIVEN]) == [(GIVEN.path, None)]


def test_a_static_python_opens_as_mod_wsgi():
    host = instance([MODULE], mod_wsgi=WSGI, has_static_python=True)
    assert added(host, app=SCRIPT) == [(EXTENSION, WSGI)]


def test_what_the_imports_leave_open_is_told_once(capsys):
    host = instance([MODULE])
    (application,) = host.applications
    unsure = replace(application, problems=("/srv/shop.wsgi:3: computed",))
    added(replace(host, applications=(unsure, unsure)), app=SCRIPT)
    assert capsys.readouterr().err == "hostprobe bindings: /srv/shop.wsgi:3: computed\n"


def test_one_script_in_two_environments_has_no_single_plan():
    host = instance([MODULE])
    (application,) = host.applications
    other = replace(application, mount="/other", reachable=())
    with pytest.raises(UsageError, match="/other"):
        added(replace(host, applications=(application, other)), app=SCRIPT)
