"""What of a source file may leave the host."""

import pytest

from hostprobe.collect.redact import redact
from hostprobe.facts.acts import UNKNOWN, Entries, FilePath, Items, Named
from hostprobe.facts.python import PythonSource
from hostprobe.parse.python_source import parse_python_source


def shown(text):
    return redact(PythonSource, parse_python_source(text.encode())).acts


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("TIME_ZONE = 'Europe/Berlin'", "Europe/Berlin"),
        ("SECRET_KEY = 'hunter2'", UNKNOWN),
        ("X = 'hunter2'", UNKNOWN),
        ("X = ['hunter2', 1]", Items("list", (UNKNOWN, 1))),
        ("X = {'hunter2': 1}", Entries(((UNKNOWN, 1),))),
        (
            "DATABASES = {'default': {'ENGINE': 'a.b', 'NAME': 'shop', 'PASSWORD': 'hunter2'}}",
            Entries((
                ("default", Entries((("ENGINE", "a.b"), ("NAME", "shop"), (UNKNOWN, UNKNOWN)))),
            )),
        ),
        ("X = open('hunter2')", Named("open()")),
        ("X = __file__", FilePath("./__file__")),
    ],
)  # fmt: skip
def test_of_a_binding_known_settings_stay(text, value):
    assert shown(text).bindings[0].value == value


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("open('/srv/data', 'w')", ("/srv/data", "w")),
        ("print('hunter2')", (UNKNOWN,)),
        ("os.environ.get('A', 'hunter2')", ("A", UNKNOWN)),
        ("os.system('mysql -phunter2')", (UNKNOWN,)),
        ("sqlite3.connect('https://u:hunter2@x/db')", ("https://@x/db",)),
        ("sqlite3.connect('host=x password=hunter2')", (UNKNOWN,)),
        ("os.chdir(['hunter2'])", (Items("list", (UNKNOWN,)),)),
        ("signal.signal(15, 'hunter2')", (15, UNKNOWN)),
    ],
)
def test_of_a_call_paths_stay(text, args):
    (call,) = shown(f"import os, signal, sqlite3\n{text}").calls
    assert call.args == args


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TZ", "hunter2"),
        ("DJANGO_SETTINGS_MODULE", "hunter2"),
        ("DB", UNKNOWN),
        ("LC_X", "hunter2"),
    ],
)
def test_of_the_environment_known_variables_stay(variable, value):
    (change,) = shown(f"import os\nos.environ[{variable!r}] = 'hunter2'").environment
    assert change.value == value


def test_keywords_and_stores_hide_texts():
    acts = shown("import os, sys\nsys.x = 'hunter2'\nos.mkdir('a', password='hunter2', b='c')")
    assert "hunter2" not in repr(acts)
    assert acts.calls[0].keywords == (("password", UNKNOWN), ("b", "c"))
