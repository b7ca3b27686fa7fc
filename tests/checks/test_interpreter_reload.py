"""WSGIReloadMechanism in each series of mod_wsgi.

Recorded: the directives of mod_wsgi 1.6 and 2.8, which are older than httpd 2.4.
"""

from dataclasses import replace

import pytest
from hostprobe_checks.interpreter_reload import interpreter_reload

from hostprobe.check import Severity
from hostprobe.facts.httpd import HttpdStart, ModuleStructure, ModuleStructures
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.interpreters import Interpreters
from tests.model.linked_host import instance
from tests.model.memory_files import MemoryFiles

OLDEST = ("WSGIScriptAlias", "WSGIDaemonProcess", "WSGIReloadMechanism", "WSGIPythonExecutable")
SECOND = ("WSGIScriptAlias", "WSGIDaemonProcess", "WSGIReloadMechanism", "WSGIImportScript")
THIRD = ("WSGIScriptAlias", "WSGIDaemonProcess", "WSGIImportScript", "WSGIHandlerScript")


def run(*lines, version="", directives=()):
    structure = ModuleStructure("wsgi_module", "mod_wsgi.c", directives)
    files = MemoryFiles({"/c": "\n".join(lines), "/m/wsgi.so": (ModuleStructures((structure,)),)})
    configuration = evaluate(files, HttpdStart("/httpd", "/c", "/", environment={}), None)
    one = replace(
        instance(), configuration=configuration, mod_wsgi="/m/wsgi.so", mod_wsgi_version=version
    )
    return list(interpreter_reload.body(Interpreters(files, (one,))))


INTERPRETER, PROCESS = "WSGIReloadMechanism Interpreter", "WSGIReloadMechanism Process"


@pytest.mark.parametrize("known", [{"version": "1.6"}, {"directives": OLDEST}])
def test_it_fires_where_interpreters_are_destroyed(known):
    (finding,) = run(INTERPRETER, **known)
    assert finding.severity is Severity.medium
    assert finding.subject == "directive:/c:1"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)


@pytest.mark.parametrize("known", [{"version": "2.8"}, {"directives": SECOND}])
def test_it_fires_where_the_value_is_refused(known):
    (finding,) = run(INTERPRETER, **known)
    assert finding.severity is Severity.critical
    assert "2.x refuses" in finding.title
    assert len(run(PROCESS, version="1.6")) == 1


@pytest.mark.parametrize("known", [{"version": "4.9.4"}, {"directives": THIRD}])
def test_it_fires_where_the_directive_is_not_known(known):
    section = ("<VirtualHost *>", "<Directory /srv>", PROCESS, "</Directory>", "</VirtualHost>")
    (finding,) = run(*section, **known)
    assert finding.severity is Severity.critical
    assert finding.remedy[0] == "Remove /c:3: WSGIReloadMechanism Process"


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        ((PROCESS,), "2.8"),
        (("WSGIReloadMechanism MODULE",), "1.6"),
        (("<IfDefine OLD>", INTERPRETER, "</IfDefine>"), "4.9.4"),
        (("WSGIScriptReloading On",), "4.9.4"),
        ((INTERPRETER,), ""),
    ],
)
def test_it_is_silent(lines, version):
    assert run(*lines, version=version) == []
