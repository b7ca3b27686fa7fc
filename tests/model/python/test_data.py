"""Files that an application reads and writes, as far as its source tells."""

import pytest

from hostprobe.model.python.data import data_paths
from tests.model.sharing.host import applications

SETTINGS = {
    "/srv/shop/site/__init__.py": "",
    "/srv/shop/site/settings.py": (
        "MEDIA_ROOT = '/srv/media'\n"
        "DATABASES = {'default': {'NAME': '/srv/db.sqlite3', 'HOST': '/run/pg', 'USER': '/x'}}\n"
    ),
}
DJANGO = "os.environ['DJANGO_SETTINGS_MODULE'] = 'site.settings'"


def paths(body, text="", contents=()):
    found = applications(text, {"shop": body}, contents)
    (application,) = found.instances[0].applications
    return [(one.path, one.is_written) for one in data_paths(found, application)]


@pytest.mark.parametrize(
    ("body", "path", "is_written"),
    [
        ("open('/d/a')", "/d/a", False),
        ("open('/d/a', 'rb')", "/d/a", False),
        ("open('/d/a', 'w')", "/d/a", True),
        ("open('/d/a', mode='a+')", "/d/a", True),
        ("open('/d/a', mode)", "/d/a", False),
        ("open('/d/../e')", "/e", False),
        ("open(os.path.join(os.path.dirname(__file__), 'a'), 'x')", "/srv/shop/a", True),
        ("from pathlib import Path\nPath('/d/a').write_text('x')", "/d/a", True),
        ("from pathlib import Path\nPath('/d/a').open('w')", "/d/a", True),
        ("import sqlite3\nsqlite3.connect('/d/a')", "/d/a", True),
        ("import logging\nlogging.FileHandler('/d/a')", "/d/a", True),
        ("os.listdir('/d')", "/d", False),
        ("import pymysql\npymysql.connect(unix_socket='/d/a.sock')", "/d/a.sock", False),
    ],
)
def test_paths_that_the_source_tells(body, path, is_written):
    assert paths(body) == [(path, is_written)]


@pytest.mark.parametrize(
    "body",
    [
        "open('a')",
        "open(name)",
        "print('/d/a')",
        "import sys\nsys.stdout.write('/d/a')",
        "import sqlite3\nsqlite3.connect(':memory:')",
        "if __name__ == '__main__':\n    open('/d/a')",
    ],
)
def test_what_is_no_path_or_not_known(body):
    assert paths(body) == []


def test_directories_and_the_database_of_django_settings():
    text = "WSGIPythonPath /srv/shop"
    found = paths(DJANGO, text, SETTINGS)
    assert found == [("/srv/media", True), ("/srv/db.sqlite3", True), ("/run/pg", False)]
