"""mod_wsgi itself is the judge of groups, sys.path and reached extensions."""

import json
import re

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.topology import build_topology
from tests.real.httpd import Httpd, module_path
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real
OPENED = re.compile(r"file=(\S+) \[0\];  dynamically loaded by")
TELL = """
import sys, json
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return [json.dumps({
        "group": environ["mod_wsgi.process_group"],
        "interpreter": environ["mod_wsgi.application_group"],
        "path": sys.path, "prefix": sys.base_prefix, "built_in": sys.builtin_module_names,
        "extensions": [file for file in files if file and file.endswith(".so")],
        "version": "%d.%d.%d" % sys.version_info[:3],
    }).encode()]
"""


def planned(httpd):
    start = HttpdStart(
        str(httpd.binary), str(httpd.config), str(httpd.root), environment=httpd.environment
    )
    files = LiveFiles()
    (instance,) = build_topology(files, (evaluate(files, start, None),)).instances
    return instance


def answers(lines, scripts, **options):
    """Per mount what the application says, and what was planned for it."""
    httpd = Httpd(["wsgi"], lines, scripts=scripts, **options)
    instance = planned(httpd)
    assert instance.applications
    with httpd:
        for application in instance.applications:
            status, body = httpd.get(application.mount)
            assert status == 200, body
            yield json.loads(body) | {"log": httpd.error_log}, application


GROUPS = """
WSGIDaemonProcess first threads=1 display-name='a b' python-home='{venv}'
WSGIDaemonProcess second threads=1 python-path={root}/lib:{root}/site home={root}
WSGIApplicationGroup %{{SERVER}}
<Location /A>
WSGIProcessGroup first
</Location>
<Directory {root}/in>
WSGIProcessGroup second
WSGIApplicationGroup Named
</Directory>
<Location /both>
WSGIProcessGroup first
WSGIApplicationGroup %{{RESOURCE}}
</Location>
WSGIScriptAlias /a {root}/tell.wsgi
WSGIScriptAlias /A {root}/tell.wsgi
WSGIScriptAlias /in {root}/in/tell.wsgi
WSGIScriptAlias /both {root}/in/tell.wsgi
WSGIScriptAlias /option {root}/in/tell.wsgi process-group=%{{GLOBAL}} application-group='x y'
WSGIScriptAlias /Main {root}/tell.wsgi process-group=second application-group=%{{GLOBAL}}
WSGIScriptAlias /Upper/Case {root}/tell.wsgi application-group=%{{RESOURCE}}
WSGIScriptAlias /dir {root}/dir
<Directory {root}>
Require all granted
</Directory>
""".strip()


@pytest.fixture
def application_root(tmp_path_factory):
    root = tmp_path_factory.mktemp("wsgi")
    for directory in (root, *root.parents[:2]):
        directory.chmod(0o755)
    for name in ("lib", "site", "in", "dir", "added"):
        (root / name).mkdir()
    for name in ("tell.wsgi", "in/tell.wsgi", "dir/one.wsgi", "dir/two.wsgi"):
        (root / name).write_text(TELL)
    (root / "site" / "x.pth").write_text(f"# note\n{root}/added\n../lib\nnowhere\n")
    return root


def test_groups_interpreters_and_search_paths_are_those_of_mod_wsgi(application_root):
    lines = GROUPS.format(root=application_root, venv=wheels_venv()).splitlines()
    seen = set()
    for told, application in answers(lines, {}, single=False):
        assert (application.process_group, application.application_group) == (
            told["group"],
            told["interpreter"],
        )
        environment = application.environment
        existing = [path for path in told["path"] if not path.endswith("311.zip")]
        assert list(environment.search_path) == existing
        assert environment.prefix == told["prefix"]
        assert environment.patch == told["version"]
        assert environment.built_in == set(told["built_in"])
        seen.add(application.mount)
    assert {
        "/a",
        "/A",
        "/in",
        "/both",
        "/option",
        "/Main",
        "/dir/one.wsgi",
        "/dir/two.wsgi",
    } <= seen


IMPORTS = """
import json, ssl, sqlite3, readline, ctypes, decimal, asyncio, multiprocessing, xml.dom.minidom
import bz2, lzma, uuid, zoneinfo, curses.panel, dbm.ndbm, concurrent.futures, logging.handlers
import numpy, numpy.testing, lxml.etree, lxml.objectify, lxml.html, psycopg2.extras, psutil, wrapt
import PIL.Image, PIL.ImageFont, yaml, orjson, ujson, simplejson, sqlalchemy.orm, aiohttp.web
import bcrypt, regex, msgpack, zstandard, lz4.frame, greenlet, kiwisolver, markupsafe, rpds, cffi
import pydantic_core, tornado.web, coverage, charset_normalizer, yarl, frozenlist, propcache
from cryptography.hazmat.primitives import hashes, serialization
from cryptography import x509
"""
CODECS = "charset_normalizer loads every codec by a computed name"
UNSEEN = {
    "_codecs_cn": CODECS,
    "_codecs_hk": CODECS,
    "_codecs_iso2022": CODECS,
    "_codecs_jp": CODECS,
    "_codecs_kr": CODECS,
    "_codecs_tw": CODECS,
    "_multibytecodec": CODECS,
    "simplejson._speedups": "imported in a function that the module calls",
}
SURPLUS = {"zstandard._cffi": "in an else branch for other Python implementations"}


def test_the_reached_extensions_are_those_a_process_maps():
    lines = [f"WSGIPythonHome {wheels_venv()}", "WSGIApplicationGroup %{GLOBAL}"]
    debug = {"LD_DEBUG": "files"}
    ((told, application),) = answers(lines, {"app": IMPORTS + TELL}, environment=debug)
    names = {extension.path: extension.module for extension in application.environment.extensions}
    reached = [names[extension.path] for extension in application.reachable]
    actual = [names[path] for path in told["extensions"]]
    missing, surplus = set(actual) - set(reached), set(reached) - set(actual)
    assert (missing, surplus) == (set(UNSEEN), set(SURPLUS))
    opened = [names[path] for path in OPENED.findall(told["log"]) if path in names]
    common = list(dict.fromkeys(name for name in opened if name in reached))
    assert [name for name in reached if name not in surplus] == common


def test_a_module_of_debian_tells_its_python():
    instance = planned(Httpd(["wsgi"]))
    assert instance.mod_wsgi == str(module_path("wsgi"))
    assert (instance.python_version, instance.has_static_python) == ("3.11", False)
    assert instance.libpython.endswith("/libpython3.11.so.1.0")
