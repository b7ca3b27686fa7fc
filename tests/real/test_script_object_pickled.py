"""What a script pickles of its own nobody else can read; of a module everybody can."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.real import scan
from tests.real.build import cached
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

pytestmark = pytest.mark.real
CHECK = "script-object-pickled"
ORDER = "class Order:\n    def __init__(self):\n        self.price = 7\n"
STORE = "import pickle\ndef answer():\n    return pickle.dumps({what}).hex()\n"
LOADS = """
import pickle
def answer():
    return pickle.loads(bytes.fromhex("{hex}"))
"""
KEPT = f"""
import builtins, pickle
{ORDER}
kept = vars(builtins).setdefault("kept", Order())
def answer():
    pickle.dumps(Order())
    return len(pickle.dumps(kept)) > 0
"""


def reading(httpd: Httpd, path: Path | None = None) -> str:
    """What another application says of the pickle that one answers with."""
    status, body = httpd.get("/shop")
    assert status == 200, httpd.error_log
    with wsgi_host(LOADS.format(hex=body.strip("'")), path=path) as other:
        return other.get("/shop")[1] + other.error_log


def test_an_object_of_the_script_cannot_be_read_elsewhere() -> None:
    with wsgi_host(ORDER + STORE.format(what="Order()")) as httpd:
        [finding] = scan.findings(httpd, CHECK)
        assert finding["severity"] == "medium"
        assert scan.hits_shop(finding)
        assert "No module named '_mod_wsgi_" in reading(httpd)


def test_builtin_types_are_harmless() -> None:
    with wsgi_host(ORDER + STORE.format(what="vars(Order())")) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert reading(httpd).startswith("{'price': 7}")


def test_an_object_of_a_module_can_be_read() -> None:
    def make(directory: Path) -> None:
        (directory / "orders.py").write_text(ORDER)

    path = cached("orders", ORDER, make)
    with wsgi_host("from orders import Order\n" + STORE.format(what="Order()"), path=path) as httpd:
        assert scan.findings(httpd, CHECK) == []
        assert reading(httpd, path).startswith("<orders.Order object")


def test_after_a_reload_what_is_older_cannot_be_pickled() -> None:
    with wsgi_host(KEPT) as httpd:
        assert len(scan.findings(httpd, CHECK)) == 1
        assert httpd.get("/shop") == (200, "True")
        script = httpd.script_dir / "shop.wsgi"
        os.utime(script, (1e9, 1e9))
        assert httpd.get("/shop")[0] == 500
        assert "PicklingError" in httpd.error_log
        assert "it's not the same object" in httpd.error_log
