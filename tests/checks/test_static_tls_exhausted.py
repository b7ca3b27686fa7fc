"""Imports that get no space for their static TLS."""

from dataclasses import replace

from hostprobe_checks.static_tls_exhausted import static_tls_exhausted

from hostprobe.check import Certainty, Severity
from hostprobe.facts.elf import DF_STATIC_TLS, Tls
from hostprobe.model.instance import Extension
from hostprobe.model.linkage import Linkage, Linkages
from tests.model.linked_host import (
    EXTENSION,
    HTTPD,
    PYTHON,
    environment,
    instance,
    linkages,
    thing,
)
from tests.model.memory_files import MemoryFiles

MODULE, POOL, OTHER = "/mods/mod_a.so", "/lib64/libpool.so.1", "/venv/other.so"


def tls(size, *, static=True, **options):
    flags = DF_STATIC_TLS if static else 0
    return replace(thing(**options), tls=Tls(size, 8), dt_flags=flags)


def run(objects, modules=(), **options):
    return list(static_tls_exhausted.body(linkages(objects, modules, **options)))


def pooled(size, **options):
    """An extension whose library has a block."""
    return {
        EXTENSION: thing(needed=["libpool.so.1"]),
        POOL: tls(size, soname="libpool.so.1", **options),
    }


def test_it_fires_for_a_library_that_an_import_brings():
    (finding,) = run(pooled(3000))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.subject == f"object:{POOL}"
    assert (finding.evidence["size"], finding.evidence["free"]) == (3000, 1664)
    assert "glibc.rtld.optional_static_tls=2048" in finding.remedy[0]


def test_what_modules_took_counts():
    objects = pooled(1000) | {MODULE: tls(1000)}
    (finding,) = run(objects, [MODULE])
    assert finding.evidence["takers"] == [{"path": MODULE, "size": 1000}]


def test_it_fires_for_a_module():
    (finding,) = run(pooled(8) | {MODULE: tls(1665)}, [MODULE])
    assert (finding.subject, finding.certainty) == (f"object:{MODULE}", Certainty.certain)


def test_it_fires_for_imports_that_fit_only_alone():
    extensions = [Extension("one", EXTENSION), Extension("other", OTHER)]
    usual = replace(environment(), extensions=tuple(extensions))
    contents = {HTTPD: thing(), PYTHON: thing(["Py_Initialize"])}
    files = MemoryFiles(contents | {EXTENSION: tls(1000), OTHER: tls(1000)})
    linkage = Linkage(files, instance(environment=usual))
    (finding,) = static_tls_exhausted.body(Linkages((linkage,)))
    assert finding.subject == f"object:{OTHER}"
    assert "together with the other imports" in finding.title


def test_what_no_application_imports_is_low():
    (finding,) = run(pooled(3000), imports=False)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_it_is_silent_for_a_large_block_of_the_dynamic_model():
    assert run(pooled(100_000, static=False)) == []


def test_it_is_silent_for_what_httpd_starts_with():
    objects = pooled(3000) | {HTTPD: thing(needed=["libpool.so.1"])}
    assert run(objects) == []


def test_it_is_silent_for_a_block_that_fits():
    assert run(pooled(1664)) == []
