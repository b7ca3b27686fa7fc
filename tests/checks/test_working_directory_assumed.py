"""Relative paths in processes that work elsewhere, and applications that move a shared process."""

import pytest
from hostprobe_checks.working_directory_assumed import working_directory_assumed

from hostprobe.check import Certainty, Severity
from tests.model.embedded_hosts import models
from tests.model.sharing.host import daemons, mount

READS = 'open("data/prices.txt")\n'
CHDIR = 'os.chdir("/srv/shop")\n'


def run(body, text="", *, others=(), contents=(), **start):
    """`body` is what the script shop does; `others` maps further scripts to what they do."""
    found = models({"shop": body, **dict(others)}, text, contents, **start)
    return list(working_directory_assumed.body(*found))


@pytest.mark.parametrize(
    ("body", "call"),
    [
        (READS, "open('data/prices.txt')"),
        ("from pathlib import Path\nPath('x').read_text()", "pathlib.Path.read_text('x')"),
        ("import sqlite3\nsqlite3.connect('db')", "sqlite3.connect('db')"),
        ("import logging\nlogging.basicConfig(filename='l')", "logging.basicConfig('l')"),
        ("from logging import FileHandler as F\nF('l')", "logging.FileHandler('l')"),
        ("os.listdir('.')\nos.mkdir('new')", "os.mkdir('new')"),
        ("os.chdir('data')", "os.chdir('data')"),
    ],
)
def test_it_fires_for_relative_paths_in_embedded_mode(body, call):
    (finding,) = run(body)
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert finding.evidence["directory"] == "/"
    assert finding.evidence["opens"][-1].endswith(call)
    assert "os.path.join(os.path.dirname(__file__)" in finding.remedy[0]


def test_in_a_function_it_is_likely():
    (finding,) = run(f"def f():\n    {READS}")
    assert finding.certainty is Certainty.likely


def test_in_the_foreground_without_a_unit_it_is_possible():
    (finding,) = run(READS, defines=("FOREGROUND",))
    assert finding.certainty is Certainty.possible


def test_it_fires_for_the_home_of_another_user():
    text = "WSGIDaemonProcess shop user=shop\n" + mount("shop", "process-group=shop")
    (finding,) = run(READS, text)
    assert finding.evidence["directory"] == "/home/shop"
    assert "home=/srv/shop to WSGIDaemonProcess shop" in finding.remedy[1]


def test_it_fires_for_modules_that_the_script_imports():
    (finding,) = run(
        "import sys\nsys.path.append('/srv/shop')\nimport stock",
        contents={"/srv/shop/stock.py": READS},
    )
    assert finding.evidence["opens"] == ["/srv/shop/stock.py:1: open('data/prices.txt')"]


def test_two_mounts_of_one_script_are_one_finding():
    text = mount("shop") + "\nWSGIScriptAlias /again /srv/shop/shop.wsgi"
    (finding,) = run(READS, text)
    assert len(finding.affected) == 2


HOME = "WSGIDaemonProcess shop home=/srv/shop\n" + mount("shop", "process-group=shop")


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        ("open('/srv/x')", {}),
        ("open(os.path.join(os.path.dirname(__file__), 'x'))", {}),
        ("from pathlib import Path\n(Path(__file__).parent / 'x').read_text()", {}),
        ("open(os.path.expanduser('~/x'))", {}),
        ("open(name)", {}),
        ("import sqlite3\nsqlite3.connect(':memory:')\nsqlite3.connect('file:x?mode=ro')", {}),
        ("if __name__ == '__main__':\n    " + READS, {}),
        (READS, {"text": HOME}),
        (READS, {"contents": {"/data/prices.txt": ""}}),
        (
            READS,
            {"contents": {"/r/data/prices.txt": ""}, "defines": ("FOREGROUND",), "directory": "/r"},
        ),
        (CHDIR + READS, {}),
        (CHDIR, {}),
        ("os.chdir(os.path.dirname(__file__))\n" + READS, {}),
        ("", {"contents": {"/srv/shop/unused.py": READS}}),
        ("os.path.exists('x')", {}),
    ],
)
def test_it_is_silent(body, changes):
    assert run(body, **changes) == []


@pytest.mark.parametrize("text", ["", "WSGIDaemonProcess d home=/srv\nWSGIProcessGroup d"])
def test_it_fires_for_a_chdir_in_a_shared_process(text):
    (finding,) = run(CHDIR, text, others={"blog": ""})
    assert finding.subject == "application:/srv/shop/shop.wsgi/chdir"
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert finding.affected == ("h/shop (/srv/shop/shop.wsgi)", "h/blog (/srv/blog/blog.wsgi)")
    assert any("WSGIDaemonProcess shop" in line for line in finding.remedy)


@pytest.mark.parametrize(
    ("text", "others"),
    [
        (daemons("shop", "blog"), {"blog": ""}),
        (mount("shop") + "\nWSGIScriptAlias /b /srv/shop/shop.wsgi", {}),
        (mount("shop") + "\n" + mount("blog", "process-group=%{ENV:X}"), {"blog": ""}),
    ],
    ids=["own groups", "same script", "not known"],
)
def test_it_is_silent_about_a_chdir_that_nobody_shares(text, others):
    assert run(CHDIR, text, others=others) == []
