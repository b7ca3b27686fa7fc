"""`cache_init` of an extension, taken over by an Apache module."""

import pytest
from hostprobe_checks.cache_init_interposed import cache_init_interposed

from hostprobe.check import Severity
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE = "/mods/mod_cache.so"


def run(objects, modules=(MODULE,), **options):
    return list(cache_init_interposed.body(linkages(objects, modules, **options)))


def host(name="cache_init", module=("cache_init",)):
    return {MODULE: thing(module), EXTENSION: thing([name], [name])}


def test_it_fires_for_a_module_that_exports_the_name():
    (finding,) = run(host())
    assert finding.severity is Severity.critical
    assert finding.evidence["symbols"] == ["cache_init"]
    assert finding.evidence["winners"][0]["path"] == MODULE
    assert finding.evidence["judgement"]["harm"] == "foreign"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)


def test_it_fires_without_the_extensions_own_definition():
    objects = host() | {
        EXTENSION: thing(refers=["cache_init"], needed=["librow.so.1"]),
        "/lib64/librow.so.1": thing(["cache_init"], soname="librow.so.1"),
    }
    (finding,) = run(objects)
    assert finding.evidence["losers"][0]["path"] == "/lib64/librow.so.1"


def test_what_no_application_imports_is_low():
    (finding,) = run(host(), imports=False)
    assert finding.severity is Severity.low


@pytest.mark.parametrize("name", ["pysqlite_cache_init", "cache_initialise"])
def test_it_is_silent_for_other_names(name):
    assert run(host(name, (name, "cache_init"))) == []


def test_it_is_silent_when_nothing_binds_across():
    assert run(host(module=["cache_exit"])) == []
