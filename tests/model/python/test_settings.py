"""Own modules in the order of execution, and what Django's settings say."""

import pytest

from hostprobe.facts.acts import UNKNOWN
from hostprobe.model.python.imports import Imports
from hostprobe.model.python.settings import setting
from tests.model.memory_files import MemoryFiles
from tests.model.python.test_imports import environment

SCRIPT = "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n"
KEY = "SECRET_KEY = 'x'\n"


def reach(contents, script=SCRIPT):
    files = {"/lib/python/os.py": "", "/srv/x/app.wsgi": script}
    files |= {f"/srv/x/{name}": text for name, text in contents.items()}
    files = MemoryFiles(files)
    return files, Imports(files, environment("/srv/x")).reach("/srv/x/app.wsgi")


def time_zone(**modules):
    contents = {f"shop/{name}.py": text for name, text in modules.items()}
    files, found = reach({"shop/__init__.py": "", **contents})
    return setting(files, found.settings, "TIME_ZONE")


@pytest.mark.parametrize(
    ("modules", "value", "path"),
    [
        ({"settings": "TIME_ZONE = 'UTC'"}, "UTC", "settings"),
        ({"settings": "TIME_ZONE = 'UTC'\nTIME_ZONE = None"}, None, "settings"),
        ({"settings": "from .base import *", "base": "TIME_ZONE = 'UTC'"}, "UTC", "base"),
        ({"settings": "from shop.base import *", "base": "TIME_ZONE = 'UTC'"}, "UTC", "base"),
        (
            {"settings": "from .base import *\nTIME_ZONE = 'CET'", "base": "TIME_ZONE = 'UTC'"},
            "CET",
            "settings",
        ),
        (
            {"settings": "TIME_ZONE = 'CET'\nfrom .base import *", "base": "TIME_ZONE = 'UTC'"},
            "UTC",
            "base",
        ),
        (
            {"settings": "TIME_ZONE = 'CET'\ntry:\n  from .local import *\nexcept ImportError: 0"},
            "CET",
            "settings",
        ),
        ({"settings": "TIME_ZONE = 'CET'\nif x:\n  TIME_ZONE = 'UTC'"}, UNKNOWN, "settings"),
        ({"settings": "TIME_ZONE = 'CET'\nif x:\n  TIME_ZONE = 'CET'"}, "CET", "settings"),
        ({"settings": "import os\nTIME_ZONE = os.environ['TZ']"}, UNKNOWN, "settings"),
        ({"settings": "from .gone import *"}, UNKNOWN, "settings"),
        ({"settings": "globals().update(x)"}, UNKNOWN, "settings"),
        ({"settings": "from configurations import Configuration"}, UNKNOWN, "settings"),
        ({"settings": "from .settings import *"}, UNKNOWN, "settings"),
        (
            {"settings": "from split_settings.tools import include\ninclude('*')"},
            UNKNOWN,
            "settings",
        ),
        ({"settings": "DEBUG = True"}, UNKNOWN, "settings"),
        ({"settings": KEY + "def __getattr__(name): pass"}, UNKNOWN, "settings"),
    ],
)
def test_the_last_binding_counts_through_star_imports(modules, value, path):
    found = time_zone(**modules)
    assert found.value == value
    assert found.path == f"/srv/x/shop/{path}.py"


@pytest.mark.parametrize(
    "modules",
    [
        {"settings": KEY},
        {"settings": "from .base import *", "base": KEY},
        {"settings": KEY + "def f():\n  TIME_ZONE = 'UTC'"},
        {"settings": KEY + "class A:\n  TIME_ZONE = 'UTC'"},
    ],
)
def test_a_setting_that_is_not_there_is_none(modules):
    assert time_zone(**modules) is None


def test_own_modules_come_in_the_order_of_execution():
    contents = {
        "shop/__init__.py": "", "shop/settings.py": "", "shop/wsgi.py": "def f():\n import later",
        "later.py": "", "manage.py": "", "beside.py": "",
    }  # fmt: skip
    _, found = reach(contents, "import shop.wsgi\n" + SCRIPT)
    assert [(one.name, str(one.reached)) for one in found.own] == [
        ("", "script"),
        ("shop", "import"),
        ("shop.wsgi", "import"),
        ("shop.settings", "settings"),
        ("later", "deferred"),
        ("beside", "beside"),
    ]


@pytest.mark.parametrize(
    ("script", "module"),
    [
        (SCRIPT, "shop.settings"),
        (SCRIPT.replace(".setdefault(", ".__setitem__("), "shop.settings"),
        ("import shop.wsgi", "shop.settings"),
        (f"if x:\n  y = 1\n{SCRIPT}os.environ['DJANGO_SETTINGS_MODULE'] = z\n", None),
        (SCRIPT + SCRIPT.replace("shop.", "other."), "shop.settings"),
        ("import os", None),
    ],
)
def test_the_settings_module_is_what_the_script_or_its_imports_name(script, module):
    contents = {"shop/__init__.py": "", "shop/settings.py": "", "shop/wsgi.py": SCRIPT}
    _, found = reach(contents, script)
    assert (found.settings.module if found.settings else None) == module


def test_settings_that_are_not_found_are_none():
    assert reach({})[1].settings is None
