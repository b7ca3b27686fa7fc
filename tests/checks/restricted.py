"""A host with one script, and what mod_wsgi of some release keeps it from."""

from hostprobe.facts.mod_wsgi import ModWsgiBuild
from tests.model.memory_files import elf
from tests.model.sharing.host import findings
from tests.model.test_topology import LIB

SCRIPT = "/srv/shop/shop.wsgi"


def run(check, body, text="", version="4.9.4", **options):
    """What a check finds of a script that does `body` under mod_wsgi of that release."""
    module = {"/m/wsgi.so": (elf(needed=[LIB]), ModWsgiBuild(version))}
    return findings(check, text, {"shop": body}, module, **options)


def block(directive, selectors):
    """For the interpreters that the selectors name (mod_wsgi 6)."""
    return f"<WSGIInterpreterOptions {selectors}>\n{directive}\n</WSGIInterpreterOptions>"
