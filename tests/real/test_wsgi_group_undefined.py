"""Process groups that a real mod_wsgi does not find: 500, or no start; and those it does find."""

from __future__ import annotations

import http.client
import subprocess
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.process_groups import find_lacks
from hostprobe.model.topology import build_topology
from tests.real import scan
from tests.real.hosts import wsgi_group_undefined as hosts
from tests.real.httpd import BINARY, Httpd, module_path

pytestmark = pytest.mark.real
CHECK = "wsgi-group-undefined"

FRAME = """ServerRoot {root}
DefaultRuntimeDir {root}
PidFile {root}/pid
ErrorLog {root}/log
Listen 127.0.0.1:8099
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module {wsgi}
"""
ALIAS = "WSGIScriptAlias / /a.wsgi"
LITERAL = f"{ALIAS} process-group=g application-group=%{{GLOBAL}}"
IMPORT = "WSGIImportScript /a.wsgi process-group=g application-group=x"
GROUP = "WSGIDaemonProcess g"


def site(name: str | None, text: str, port: int = 80) -> str:
    named = f"ServerName {name}\n" if name else ""
    return f"<VirtualHost *:{port}>\n{named}{text}\n</VirtualHost>\n"


CASES = [
    ALIAS,
    LITERAL,
    IMPORT,
    f"{GROUP}\n{LITERAL}\n{IMPORT}",
    f"{LITERAL}\n{GROUP}",
    f"{IMPORT}\n{GROUP}",
    f"{ALIAS} process-group=g\n{GROUP}",
    f"{ALIAS} process-group=g application-group=%{{RESOURCE}}\n{GROUP}",
    f"{ALIAS} process-group=%{{ENV:X}} application-group=%{{GLOBAL}}",
    f"{ALIAS} process-group=%{{GLOBAL}} application-group=%{{GLOBAL}}",
    f"WSGIScriptAliasMatch ^/(.*) /$1 process-group=g application-group=x\n{GROUP}",
    f"WSGIScriptAliasMatch ^/x /x process-group=g application-group=x\n{GROUP}",
    f"{GROUP}\n{GROUP}",
    site("a", GROUP) + site("b", GROUP),
    site("a", GROUP) + site("b", LITERAL),
    site("a", GROUP) + site("a", LITERAL, 443),
    site("A", GROUP) + site("a", LITERAL, 443),
    site("a", GROUP) + site(None, LITERAL),
    site("a", GROUP) + site(None, f"{LITERAL}\nServerName a", 443),
    site("a", GROUP) + LITERAL,
    site(None, GROUP) + LITERAL,
    "ServerName a\n" + site(None, GROUP) + LITERAL,
    "ServerName a\n" + site("a", GROUP) + LITERAL,
    site("a", GROUP) + IMPORT,
    site(None, f"{GROUP}\n{LITERAL}"),
    GROUP + "\n" + site("a", LITERAL),
    site("a", LITERAL) + GROUP,
]


@pytest.mark.parametrize("text", CASES, ids=lambda text: text[:60].replace("\n", "|"))
def test_what_is_said_to_stop_httpd_does(text: str, tmp_path: Path) -> None:
    config = tmp_path / "main.conf"
    config.write_text(FRAME.format(root=tmp_path, wsgi=module_path("wsgi")) + text + "\n")
    done = subprocess.run(
        [BINARY, "-f", config, "-t"], capture_output=True, text=True, check=False, timeout=60
    )
    files = LiveFiles("/")
    start = HttpdStart(str(BINARY), str(config), str(tmp_path), environment={})
    configuration = evaluate(files, start, files.read(start.binary, HttpdBuild))
    (instance,) = build_topology(files, (configuration,)).instances
    refused = [lack for lack in find_lacks(instance) if lack.is_refused]
    assert bool(refused) == bool(done.returncode), done.stderr


def ask(httpd: Httpd, name: str, host: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", httpd.port, timeout=60)
    try:
        connection.request("GET", f"/{name}", headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_requests_for_a_group_that_is_not_there_fail_and_the_others_are_served() -> None:
    httpd = hosts.host()
    found = {one["subject"]: one for one in scan.findings(httpd, CHECK)}
    assert sorted(found) == ["process-group:nowhere", "process-group:own"]
    assert "/undefined" in found["process-group:nowhere"]["affected"][0]
    assert "/foreign" in found["process-group:own"]["affected"][0]
    assert {one["severity"] for one in found.values()} == {"critical"}
    with httpd:
        for name, host in hosts.FAILING.items():
            assert ask(httpd, name, host)[0] == 500
        for name, host in hosts.WORKING.items():
            if name != "twin":  # it has a port of its own
                assert ask(httpd, name, host)[0] == 200
        assert hosts.NO_GROUP in httpd.error_log
        assert hosts.NO_ACCESS in httpd.error_log


def test_defined_in_the_main_server_they_serve_everyone() -> None:
    httpd = hosts.host(cured=True)
    assert scan.findings(httpd, CHECK) == []
    with httpd:
        for name, host in (hosts.FAILING | hosts.WORKING).items():
            if name != "twin":
                assert ask(httpd, name, host)[0] == 200
