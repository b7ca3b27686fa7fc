"""Who else may change the code that httpd runs."""

import pytest
from hostprobe_checks.code_writable_by_others import code_writable_by_others

from hostprobe.check import Severity
from hostprobe.facts.httpd import ModuleLoad, Where
from hostprobe.model.instance import Extension
from hostprobe.model.python.own_module import OwnModule, Reached
from tests.model.linked_host import CONFIG
from tests.model.permitted import SCRIPT, USUAL, group, one_instance, permitted

FILES = {CONFIG: "", "/srv/lib/shop/models.py": "", "/srv/data/upload.txt": ""}
WITH_PATH = (*USUAL, ("WSGIPythonPath", "/srv/lib"))


def run(one=None, *, contents=(), **host):
    permissions = permitted(one or one_instance(), FILES | dict(contents), **host)
    return list(code_writable_by_others.body(permissions))


def only(found):
    (one,) = found
    return one.evidence["writable_by"], one.evidence["component"], one.remedy


def test_it_is_silent_where_only_root_may_write():
    assert run(one_instance(said=WITH_PATH)) == []


def test_it_fires_for_a_script_that_everyone_may_write():
    (finding,) = run(owners={SCRIPT: (0o666, 0, 0)})
    assert finding.severity is Severity.high
    assert finding.title == f"everyone may change {SCRIPT}"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy == (f"chmod o-w {SCRIPT}",)


def test_it_fires_for_a_directory_in_which_the_script_can_be_replaced():
    expected = ("everyone", "/srv", ("chmod -R o-w /srv",))
    assert only(run(owners={"/srv": (0o777, 0, 0)})) == expected


def test_it_is_silent_for_a_script_in_a_sticky_directory():
    assert run(owners={"/srv": (0o1777, 0, 0)}) == []


def test_it_fires_for_a_sticky_import_path_as_files_can_be_added():
    found = run(one_instance(said=WITH_PATH), owners={"/srv/lib": (0o1777, 0, 0)})
    assert only(found)[:2] == ("everyone", "/srv/lib")


def test_it_is_silent_for_0777_below_a_directory_that_others_cannot_search():
    owners = {"/srv": (0o750, 0, 50), SCRIPT: (0o666, 0, 0)}
    assert run(owners=owners) == []


def test_it_fires_for_the_apache_user_below_a_directory_that_others_cannot_search():
    owners = {"/srv": (0o750, 0, 33), SCRIPT: (0o666, 0, 0)}
    assert only(run(owners=owners))[:2] == ("www-data", SCRIPT)


def test_the_mode_of_a_link_is_nothing():
    one = one_instance({"script": "/srv/link.wsgi"})
    assert run(one, links={"/srv/link.wsgi": SCRIPT}) == []


def test_it_fires_for_the_directory_of_a_link():
    one = one_instance({"script": "/opt/links/link.wsgi"})
    links = {"/opt/links/link.wsgi": SCRIPT}
    found = run(one, links=links, owners={"/opt/links": (0o777, 0, 0)})
    assert only(found)[:2] == ("everyone", "/opt/links")


def test_it_fires_for_code_of_the_apache_user():
    user, component, (remedy,) = only(run(owners={SCRIPT: (0o644, 33, 33)}))
    assert (user, component) == ("www-data", SCRIPT)
    assert remedy.startswith(f"chown --from=www-data root:www-data {SCRIPT} && chmod ")


@pytest.mark.parametrize("owner", [1000, 0])
def test_it_is_silent_for_a_group_of_administrators(owner):
    assert run(owners={SCRIPT: (0o664, owner, 50), "/srv": (0o2775, owner, 50)}) == []


def test_it_fires_for_a_group_that_the_apache_user_has():
    found = run(owners={SCRIPT: (0o664, 1000, 33)})
    assert only(found) == ("www-data", SCRIPT, (f"chmod g-w {SCRIPT}",))


def test_it_fires_for_an_acl_entry_of_the_apache_user():
    acls = {SCRIPT: "u::rw- u:33:rw- g::r-- m::rw- o::r--"}
    found = run(owners={SCRIPT: (0o664, 0, 0)}, acls=acls)
    assert only(found) == ("www-data", SCRIPT, (f"setfacl -m u:www-data:rX {SCRIPT}",))


def test_it_is_silent_for_an_acl_entry_that_the_mask_cancels():
    acls = {SCRIPT: "u::rw- u:33:rw- g::r-- m::r-- o::r--"}
    assert run(owners={SCRIPT: (0o644, 0, 0)}, acls=acls) == []


def test_it_is_silent_for_the_user_that_a_daemon_runs_as():
    one = one_instance({"process_group": "shop"}, groups=[group("shop", "shop", "shop")])
    assert run(one, owners={SCRIPT: (0o600, 1000, 1000)}) == []


def test_it_is_silent_for_an_httpd_that_its_own_user_starts():
    one = one_instance(start_user="www-data")
    assert run(one, owners={SCRIPT: (0o600, 33, 33), CONFIG: (0o644, 33, 33)}) == []


def test_it_is_silent_for_data_directories():
    assert run(owners={"/srv/data": (0o777, 33, 33)}) == []


@pytest.mark.parametrize("path", [CONFIG, "/mods/mod_wsgi.so"])
def test_it_fires_for_configuration_and_modules(path):
    one = one_instance()
    load = ModuleLoad("/mods/mod_wsgi.so", "wsgi_module", Where(CONFIG, 1, 1))
    object.__setattr__(one.configuration, "loads", (load,))
    found = run(one, contents={"/mods/mod_wsgi.so": ""}, owners={path: (0o646, 0, 0)})
    assert only(found)[:2] == ("everyone", path)
    assert found[0].affected == (CONFIG,)


def test_it_fires_for_an_own_module_and_for_its_package():
    path = "/srv/lib/shop/models.py"
    one = one_instance({"own": (OwnModule(path, "shop.models", Reached.IMPORT),)})
    assert only(run(one, owners={path: (0o646, 0, 0)}))[1] == path
    assert only(run(one, owners={"/srv/lib/shop": (0o1777, 0, 0)}))[1] == "/srv/lib/shop"
    beside = one_instance({"own": (OwnModule(path, "shop.models", Reached.BESIDE),)})
    assert run(beside, owners={path: (0o646, 0, 0)}) == []


def test_it_fires_for_an_extension_that_is_reached():
    path = "/venv/shop/_fast.so"
    one = one_instance({"reachable": (Extension("shop._fast", path),)})
    assert only(run(one, contents={path: ""}, owners={path: (0o757, 0, 0)}))[1] == path


def test_one_component_is_one_finding_for_all_code_below():
    one = one_instance({}, {"script": "/srv/b.wsgi", "mount": "/b"}, said=WITH_PATH)
    (finding,) = run(one, contents={"/srv/b.wsgi": ""}, owners={"/srv": (0o777, 0, 0)})
    assert finding.evidence["code"] == [SCRIPT, "/srv/lib", "/srv/b.wsgi"]
    assert len(finding.affected) == 2
