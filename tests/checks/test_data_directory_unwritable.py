"""What an application writes to, and whether its process may."""

import pytest
from hostprobe_checks.data_directory_unwritable import data_directory_unwritable

from hostprobe.check import Certainty, Severity
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.instance import PythonTopology
from hostprobe.model.permissions import permissions
from hostprobe.model.python.doing import Applications
from hostprobe.model.topology import build_topology
from hostprobe.model.users import Users
from tests.model.owned_files import OwnedFiles
from tests.model.permitted import USERS
from tests.model.test_topology import HOST, LOAD

SCRIPT, SETTINGS = "/srv/shop/shop.wsgi", "/srv/shop/conf.py"
DATA = "/srv/data"
WEB = "User www-data\nGroup www-data\n"
EMBEDDED = f"WSGIPythonPath /srv/shop\nWSGIScriptAlias / {SCRIPT}\n"
DJANGO = "import os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'conf'\nimport conf\n"
DATABASE = "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', 'NAME': '%s'}}\n"


def run(source="", settings=None, text=EMBEDDED, *, contents=(), owners=(), acls=()):
    files = {SCRIPT: source if settings is None else DJANGO + source} | dict(contents)
    files |= {SETTINGS: settings} if settings is not None else {}
    owned = {DATA: (0o755, 0, 0)} | dict(owners)
    config = {"/c": f"{LOAD}ServerName h\n{WEB}{text}"}
    memory = OwnedFiles(HOST | USERS | files | config, owned, acls=acls)
    start, build = (
        HttpdStart("/httpd", "/c", "/", environment={}),
        HttpdBuild("2.4.71", "/", "/c", ()),
    )
    topology = build_topology(memory, (evaluate(memory, start, build),), (build,))
    python = PythonTopology(topology.instances)
    allowed = permissions(memory, Users(memory), python, is_live=False)
    return list(data_directory_unwritable.body(allowed, Applications(memory, python)))


APPEND = f"open('{DATA}/log', 'a')\n"
OWNED = {DATA: (0o755, 33, 33)}


def test_it_fires_for_a_file_that_cannot_be_made():
    (finding,) = run(APPEND)
    assert finding.severity is Severity.high
    assert finding.certainty is Certainty.certain
    assert finding.subject == f"path:{DATA}"
    assert finding.title == f"www-data may not write to {DATA} (open)"
    assert finding.remedy == (f"chown www-data {DATA}",)
    assert finding.evidence["written"] == [
        {"path": f"{DATA}/log", "by": "open", "where": f"{SCRIPT}:1"}
    ]


def test_it_is_silent_where_the_user_may_write():
    assert run(APPEND, owners=OWNED) == []
    acls = {DATA: "u::rwx u:33:rwx g::r-x m::rwx o::r-x"}
    assert run(APPEND, owners={DATA: (0o775, 0, 0)}, acls=acls) == []


def test_it_fires_for_an_entry_that_the_mask_cancels():
    acls = {DATA: "u::rwx u:33:rwx g::r-x m::r-x o::r-x"}
    (finding,) = run(APPEND, owners={DATA: (0o755, 0, 0)}, acls=acls)
    assert finding.remedy == (f"setfacl -m m::rwx {DATA}",)


@pytest.mark.parametrize(
    "source",
    [
        f"open('{DATA}/log')",
        f"open('{DATA}/log', 'rb')",
        f"import os\nos.listdir('{DATA}')",
        "open('/srv/none/log', 'w')",
        "open('/dev/null', 'w')",
        "open('log', 'w')",
        "import sys\nopen(sys.argv[1], 'w')",
        f"if __name__ == '__main__':\n    open('{DATA}/log', 'w')",
    ],
)
def test_it_is_silent_for_what_is_only_read_or_not_known(source):
    assert run(source, contents={f"{DATA}/log": ""}) == []


@pytest.mark.parametrize(
    "source",
    [
        f"open('{DATA}/log', mode='w')",
        f"import io\nio.open('{DATA}/log', 'r+')",
        f"from pathlib import Path\nPath('{DATA}/log').write_text('x')",
        f"from pathlib import Path\nPath('{DATA}/log').open('w')",
        f"import logging\nlogging.FileHandler('{DATA}/log')",
        f"import logging\nlogging.basicConfig(filename='{DATA}/log')",
        "import os\nopen(os.path.join(os.path.dirname(__file__), '../data/log'), 'w')",
    ],
)
def test_it_fires_for_every_way_to_write(source):
    assert [finding.subject for finding in run(source)] == [f"path:{DATA}"]


def test_it_fires_for_a_file_of_somebody_else():
    (finding,) = run(APPEND, contents={f"{DATA}/log": ""}, owners=OWNED)
    assert finding.subject == f"path:{DATA}/log"


def test_what_only_a_function_does_is_likely():
    (finding,) = run(f"def view():\n    open('{DATA}/log', 'a')\n")
    assert finding.certainty is Certainty.likely


def test_a_relative_path_starts_from_home():
    text = f"WSGIDaemonProcess a home={DATA}\nWSGIScriptAlias / {SCRIPT} process-group=a\n"
    (finding,) = run("open('log', 'w')", text=text)
    assert finding.subject == f"path:{DATA}"
    assert run("open('log')", text=text) == []


def test_the_user_of_the_daemon_counts():
    text = f"WSGIDaemonProcess a user=shop\nWSGIScriptAlias / {SCRIPT} process-group=a\n"
    assert run(APPEND, text=text, owners={DATA: (0o700, 1000, 1000)}) == []
    (finding,) = run(APPEND, text=text, owners=OWNED)
    assert finding.title.startswith("shop may not")
    assert finding.remedy == (f"chmod g+wx {DATA}",)  # without group= it has httpd's group


def test_it_fires_for_the_directory_of_a_sqlite_file_that_is_writable_itself():
    file = f"{DATA}/db.sqlite3"
    (finding,) = run(settings=DATABASE % file, contents={file: ""}, owners={file: (0o644, 33, 33)})
    assert finding.subject == f"path:{DATA}"
    assert finding.certainty is Certainty.likely


def test_it_fires_for_a_sqlite_file_beside_the_settings():
    text = "import os\nBASE = os.path.dirname(os.path.abspath(__file__))\n"
    text += "DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3', "
    text += "'NAME': os.path.join(BASE, 'db.sqlite3')}}\n"
    (finding,) = run(settings=text)
    assert finding.subject == "path:/srv/shop"
    assert finding.remedy == (
        "install -d -o www-data -g www-data -m 0750 /var/lib/shop",
        f"Keep db.sqlite3 there: DATABASES at {SETTINGS}:3.",
        "Or, and then the process may change its own code: chown www-data /srv/shop",
    )


def test_it_is_silent_for_other_databases_and_for_memory():
    assert run(settings=DATABASE.replace("sqlite3", "mysql") % f"{DATA}/x") == []
    assert run(settings=DATABASE % ":memory:") == []
    assert run(settings=DATABASE % f"{DATA}/db", owners=OWNED) == []


def test_it_fires_for_a_media_root_that_is_there():
    assert [one.subject for one in run(settings=f"MEDIA_ROOT = '{DATA}'\n")] == [f"path:{DATA}"]
    assert run(settings=f"MEDIA_ROOT = '{DATA}/later'\n") == []
    assert run(settings="MEDIA_ROOT = ''\n") == []


def test_it_fires_for_a_log_file_of_the_settings():
    handler = f"{{'class': 'logging.FileHandler', 'filename': '{DATA}/shop.log'}}"
    (finding,) = run(settings=f"LOGGING = {{'version': 1, 'handlers': {{'file': {handler}}}}}\n")
    assert finding.certainty is Certainty.certain
    assert finding.title == f"www-data may not write to {DATA} (LOGGING)"


def test_one_component_is_one_finding():
    (finding,) = run(APPEND + f"open('{DATA}/other', 'w')\n")
    assert [one["path"] for one in finding.evidence["written"]] == [f"{DATA}/log", f"{DATA}/other"]
