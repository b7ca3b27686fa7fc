"""Where an embedded Python finds its standard library and its site directories.

Rules of Modules/getpath.py and Lib/site.py of CPython, as mod_wsgi starts them: a home with a
pyvenv.cfg becomes the program name home/bin/python, any other home is Py_SetPythonHome.
"""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.python import PyvenvCfg
from hostprobe.model.python.embedded import EmbeddedPython

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LIBRARIES = ("lib64", "lib")
"""sys.platlibdir is one of them; the landmark os.py tells which."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What getpath would compute."""

    base: str
    """sys.base_prefix."""

    prefix: str
    """sys.prefix: the virtual environment, otherwise base."""

    stdlib: str | None
    """The directory with os.py; None: there is none, the interpreter cannot start."""

    pyvenv: PyvenvCfg | None
    problems: tuple[str, ...] = ()


def find_layout(
    files: Files, python: EmbeddedPython, home: str | None, variables: Mapping[str, str]
) -> Layout:
    """The layout for one python-home; None: PYTHONHOME or the compiled-in prefix decides."""
    home = home or variables.get("PYTHONHOME") or None
    if home is None:
        base = _compiled_in(files, python, variables)
        return Layout(base, base, stdlib_of(files, base, python), None)
    pyvenv = files.read(f"{home}/pyvenv.cfg", PyvenvCfg)
    if isinstance(pyvenv, PyvenvCfg):
        return _virtual(files, python, home, pyvenv, variables)
    prefix = home.partition(":")[0].rstrip("/") or "/"
    problems = () if pyvenv.not_found else (pyvenv.reason,)
    return Layout(prefix, prefix, stdlib_of(files, prefix, python), None, problems)


def _virtual(
    files: Files,
    python: EmbeddedPython,
    home: str,
    pyvenv: PyvenvCfg,
    variables: Mapping[str, str],
) -> Layout:
    """pyvenv.cfg's home is where the search for the landmark begins (PEP 405)."""
    above = _search_up(files, pyvenv.home, python) if pyvenv.home else None
    base = above or _compiled_in(files, python, variables, search_path=False)
    prefix = home.rstrip("/") or "/"
    return Layout(base, prefix, stdlib_of(files, base, python), pyvenv)


def stdlib_of(files: Files, prefix: str, python: EmbeddedPython) -> str | None:
    """The directory below prefix that holds os.py, getpath's landmark."""
    for library in LIBRARIES:
        directory = posixpath.join(prefix, library, directory_name(python))
        for landmark in ("os.py", "os.pyc"):
            if not isinstance(files.stat(f"{directory}/{landmark}"), Missing):
                return directory
    return None


def directory_name(python: EmbeddedPython) -> str:
    """python3.11; python3.13t for a free-threaded build."""
    return f"python{python.version}{'t' if 't' in python.flags else ''}"


def _search_up(files: Files, directory: str, python: EmbeddedPython) -> str | None:
    while directory.startswith("/"):
        if stdlib_of(files, directory, python):
            return directory
        if directory == "/":
            return None
        directory = posixpath.dirname(directory)
    return None


def _compiled_in(
    files: Files,
    python: EmbeddedPython,
    variables: Mapping[str, str],
    *,
    search_path: bool = True,
) -> str:
    """The search for `python3` on PATH comes first and walks up from there; then PREFIX.

    PREFIX itself is text inside libpython; it is where the library was installed to.
    """
    program = _program(files, variables.get("PATH") or DEFAULT_PATH) if search_path else None
    above = _search_up(files, posixpath.dirname(program), python) if program else None
    if above is not None:
        return above
    origin = posixpath.dirname(python.libpython) if python.libpython else "/usr/lib"
    for candidate in (_search_up(files, origin, python), "/usr", "/usr/local"):
        if candidate and stdlib_of(files, candidate, python):
            return candidate
    return "/usr"


def _program(files: Files, path: str) -> str | None:
    for directory in path.split(":"):
        stat = files.stat(f"{directory}/python3") if directory.startswith("/") else None
        if stat is not None and not isinstance(stat, Missing) and stat.mode & 0o111:
            return stat.real
    return None


def site_directories(files: Files, python: EmbeddedPython, layout: Layout) -> tuple[str, ...]:
    """Existing site directories in the order of site.getsitepackages, the venv's first."""
    is_virtual = layout.pyvenv is not None and layout.prefix != layout.base
    prefixes = [layout.prefix]
    if layout.pyvenv is not None and layout.pyvenv.include_system_site_packages:
        prefixes.append(layout.base)
    found = (
        path for prefix in prefixes for path in _site(files, python, prefix, is_virtual=is_virtual)
    )
    return tuple(dict.fromkeys(path for path in found if _is_directory(files, path)))


def _site(files: Files, python: EmbeddedPython, prefix: str, *, is_virtual: bool) -> Iterator[str]:
    name = directory_name(python)
    if prefix == "/usr" and _is_directory(files, "/usr/lib/python3/dist-packages"):
        if is_virtual:
            yield f"{prefix}/lib/{name}/site-packages"
        yield f"{prefix}/local/lib/{name}/dist-packages"
        yield f"{prefix}/lib/python3/dist-packages"
        yield f"{prefix}/lib/{name}/dist-packages"
        return
    above = ["/usr/local", prefix] if prefix == "/usr" and not is_virtual else [prefix]
    for root in above:
        for library in _libraries(files, root, name):
            yield posixpath.join(root, library, name, "site-packages")


def _libraries(files: Files, prefix: str, name: str) -> tuple[str, ...]:
    """lib64 counts where it is more than another name of lib, as on Fedora."""
    paths = [posixpath.join(prefix, library, name) for library in LIBRARIES]
    stats = [files.stat(path) for path in paths]
    real = {stat.real for stat in stats if not isinstance(stat, Missing)}
    return LIBRARIES if len(real) == 2 else ("lib",)


def _is_directory(files: Files, path: str) -> bool:
    return not isinstance(files.list(path), Missing)
