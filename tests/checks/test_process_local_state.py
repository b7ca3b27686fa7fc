"""What an application keeps in memory, where that is not the memory of all requests."""

import pytest
from hostprobe_checks.process_local_state import process_local_state

from hostprobe.check import Certainty, Severity
from tests.checks.restricted import SCRIPT
from tests.model.sharing.host import findings, mount
from tests.model.test_topology import LOAD

EVENT = {"/m/event.so": ""}
MPM = "LoadModule mpm_event_module /m/event.so\n"
COUNTER = "count = 0\ndef application(environ, start):\n    global count\n    count += 1\n"


def run(body, text=MPM, contents=()):
    return findings(process_local_state, text, {"shop": body}, {**EVENT, **dict(contents)})


def daemon(options):
    return f"WSGIDaemonProcess shop {options}\n{mount('shop', 'process-group=shop')}"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (COUNTER, "count"),
        ("hits = {}\ndef answer():\n    hits['x'] = 1\n", "hits"),
        ("seen = []\ndef answer():\n    seen.append(1)\n", "seen"),
        (
            "users = set()\nclass App:\n    def __call__(self, e, s):\n        users.add(1)\n",
            "users",
        ),
        (
            "import collections\nn = collections.Counter()\ndef answer():\n    n['x'] += 1\n",
            "n",
        ),
    ],
)
def test_it_fires_for_state_of_a_script_in_embedded_mode(body, name):
    (finding,) = run(body)
    assert f"({name}, {SCRIPT}:" in finding.title
    assert finding.title.endswith("16 processes have one each")
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.likely)
    assert any("WSGIDaemonProcess" in line for line in finding.remedy)


@pytest.mark.parametrize(
    ("options", "effect", "cure"),
    [
        ("processes=3", "3 processes have one each", "processes=1."),
        ("maximum-requests=100", "maximum-requests=100 loses it", "no maximum-requests=100."),
        ("inactivity-timeout=60", "inactivity-timeout=60 loses it", "no inactivity-timeout=60."),
        ("restart-interval=9", "restart-interval=9 loses it", "no restart-interval=9."),
        (
            "processes=2 maximum-requests=5",
            "2 processes have one each, maximum-requests=5 loses it",
            "processes=1, no maximum-requests=5.",
        ),
    ],
)
def test_it_fires_for_daemons_that_are_several_or_recycled(options, effect, cure):
    (finding,) = run(COUNTER, daemon(options))
    assert finding.title.endswith(f": {effect}")
    assert finding.remedy[-1] == f"Or in the WSGIDaemonProcess of /c:3: {cure}"


def test_it_fires_for_a_view_of_a_module():
    views = "from flask import Flask\napp = Flask('x')\nn = 0\n@app.route('/')\ndef index():\n"
    contents = {"/srv/shop/site1.py": f"{views}    global n\n    n += 1\n"}
    text = f"{MPM}WSGIPythonPath /srv/shop\n"
    (finding,) = run("import site1", text, contents)
    assert "(n, /srv/shop/site1.py:7)" in finding.title


def test_it_fires_for_a_connector_that_caches_rows():
    uri = "import sqlobject\nc = sqlobject.connectionForURI('mysql://h/shop')"
    (finding,) = run(uri)
    assert "SQLObject's cache of rows" in finding.title
    assert run(uri.replace("shop'", "shop?cache='")) == []


@pytest.mark.parametrize(
    "body",
    [
        "LIMIT = 5\nNAMES = ['a', 'b']\ndef answer():\n    return NAMES[LIMIT]\n",
        "cache = {}\ndef answer():\n    cache['x'] = 1\n",
        "import functools\n@functools.lru_cache\ndef answer():\n    return 1\n",
        "engine = None\ndef answer():\n    global engine\n    engine = engine or 1\n",
        "ready = False\ndef answer():\n    global ready\n    ready = True\n",
        "def answer():\n    seen = []\n    seen.append(1)\n",
        "routes = {}\ndef route(f):\n    routes[f] = f\n    return f\n@route\ndef index(): pass\n",
        "names = []\ndef load():\n    names.append(1)\nload()\n",
        "seen = []\nseen.append(1)\n",
    ],
)
def test_it_is_silent_for_constants_caches_and_what_is_made_at_the_start(body):
    assert run(body) == []


@pytest.mark.parametrize(
    "text",
    [
        daemon(""),
        daemon("processes=1 threads=20"),
        daemon("maximum-requests=0"),
        f"{MPM}ServerLimit 1\n",
        LOAD,
    ],
)
def test_it_is_silent_for_one_process_that_lasts(text):
    assert run(COUNTER, text) == []


def test_it_is_silent_for_a_registry_of_a_module():
    contents = {"/srv/shop/registry.py": "known = {}\ndef register(x):\n    known[x] = x\n"}
    assert run("import registry", f"{MPM}WSGIPythonPath /srv/shop\n", contents) == []
