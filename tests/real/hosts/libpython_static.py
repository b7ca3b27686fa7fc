"""mod_wsgi built from source with libpython inside, as a Python without --enable-shared gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.real.build import (
    PYTHON,
    cached,
    extension,
    httpd_headers,
    python_variable,
    run,
)
from tests.real.httpd import Httpd
from tests.real.wsgi import wsgi_host

RELEASE = "4.9.4"
LIBRARIES = ("-lexpat", "-lz", "-lm")
HIDDEN = "-Wl,--exclude-libs,ALL"
# libpython of the process, and an extension that takes its symbols from whoever has them.
APP = """
def answer():
    with open("/proc/self/maps") as maps:
        shared = "libpython3" in maps.read()
    try:
        import _ssl
    except ImportError as error:
        return shared, str(error).split(": ")[-2:][0]
    return shared, "imported"
"""
SHARED, STATIC = "(True, 'imported')", "(False, 'imported')"
UNDEFINED = "(False, 'undefined symbol')"


# An extension that asks for libpython itself, as embedding tools link them.
LINKED = """
#include <Python.h>
static PyMethodDef methods[] = {{NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "shoplink", NULL, -1, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_shoplink(void) { return PyModule_Create(&definition); }
"""
LINKED_APP = """
def answer():
    import shoplink
    return shoplink.__name__
"""
LINKED_WORKING = "'shoplink'"


def source(release: str = RELEASE) -> Path:
    """src/server of the released sdist."""

    def make(directory: Path) -> None:
        run(*DOWNLOAD, f"mod_wsgi=={release}", cwd=directory)
        run("tar", "-xzf", next(directory.glob("*.tar.gz")), cwd=directory)

    return cached("mod_wsgi-source", release, make) / f"mod_wsgi-{release}/src/server"


DOWNLOAD = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:")


def static_wsgi(*flags: str) -> Path:
    """mod_wsgi.so with the position-independent libpython archive of Debian inside."""
    archive = next(Path(python_variable("LIBPL")).glob("libpython3*-pic.a"))
    include = f"-I{python_variable('INCLUDEPY')}"
    options = (*httpd_headers(), include, str(archive), *flags, *LIBRARIES)

    def make(directory: Path) -> None:
        files = sorted(source().glob("*.c"))
        run(
            "gcc",
            "-w",
            "-O1",
            "-shared",
            "-fPIC",
            "-o",
            directory / "mod_wsgi.so",
            *files,
            *options,
        )

    key = " ".join((RELEASE, python_build(), *options))
    return cached("mod_wsgi-static", key, make) / "mod_wsgi.so"


def python_build() -> str:
    return subprocess.check_output([PYTHON, "-c", "import sys; print(sys.version)"], text=True)


def host(path: Path | None, body: str = APP, *, packages: Path | None = None) -> Httpd:
    """With this mod_wsgi, or with Debian's."""
    modules = [("wsgi_module", path) if path else "wsgi"]
    return wsgi_host(body, modules, ["WSGIApplicationGroup %{GLOBAL}"], path=packages)


def linked_host(path: Path | None) -> Httpd:
    library = f"-lpython{python_variable('LDVERSION')}"
    built = extension("shoplink", LINKED, "-Wl,--no-as-needed", library)
    return host(path, LINKED_APP, packages=built.parent)


def failing_second_python() -> Httpd:
    """The extension brings the shared libpython in, which nobody has initialised."""
    return linked_host(static_wsgi(HIDDEN))


def cured_second_python() -> Httpd:
    return linked_host(None)


def failing_exported() -> Httpd:
    """The usual result: it serves, from a private Python that no upgrade of libpython reaches."""
    return host(static_wsgi())


def failing_hidden() -> Httpd:
    """Its symbols are not exported: extensions find no Python."""
    return host(static_wsgi(HIDDEN))


def cured() -> Httpd:
    """Debian's own mod_wsgi."""
    return host(None)


def near_miss_copy() -> Httpd:
    """Debian's mod_wsgi from another place: shared, though no package owns it."""
    httpd = host(None)
    copy = httpd.root / "mod_wsgi.so"
    original = Path("/usr/lib/apache2/modules/mod_wsgi.so")
    copy.write_bytes(original.read_bytes())
    httpd.config.write_text(httpd.config.read_text().replace(os.fspath(original), os.fspath(copy)))
    return httpd
