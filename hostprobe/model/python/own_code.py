"""Which files are an application's own, and what else lies beside its script."""

import posixpath
from collections.abc import Iterable, Iterator

from hostprobe.facts.files import Files, Missing

SITE = ("site-packages", "dist-packages")
NOT_SERVED = frozenset({"__pycache__", "node_modules", "tests", "test", "build", "dist"})
TOOLS = frozenset({"setup.py", "conftest.py", "manage.py", "fabfile.py", "noxfile.py", "tasks.py"})
TOO_BROAD = frozenset({"/", "/usr", "/var", "/srv", "/opt", "/home", "/root", "/etc"})
MAX_DEPTH = 12


def own_roots(candidates: Iterable[str]) -> tuple[str, ...]:
    """Directories with the application's own code: no site directories, nothing like /srv."""
    kept = (posixpath.normpath(path) for path in candidates)
    return tuple(dict.fromkeys(path for path in kept if _is_root(path)))


def has_installed(files: Files, path: str) -> bool:
    """An installer put packages there, whatever the directory is called (pip install --target)."""
    names = files.list(path)
    return not isinstance(names, Missing) and any(name.endswith(".dist-info") for name in names)


def _is_root(path: str) -> bool:
    return path.startswith("/") and path not in TOO_BROAD and not set(SITE) & set(path.split("/"))


def is_own(path: str, roots: tuple[str, ...]) -> bool:
    """A file below one of the roots that no installer put there."""
    for root in roots:
        if path.startswith(f"{root}/"):
            return not set(SITE) & set(path[len(root) :].split("/"))
    return False


def own_files(files: Files, roots: tuple[str, ...]) -> Iterator[str]:
    """Python files below the roots in path order; tests, tools and environments left out."""
    seen: set[str] = set()
    for root in roots:
        yield from _below(files, root, seen, 0)


def _below(files: Files, directory: str, seen: set[str], depth: int) -> Iterator[str]:
    names = files.list(directory)
    stat = files.stat(directory)
    if isinstance(names, Missing) or isinstance(stat, Missing) or stat.real in seen:
        return
    seen.add(stat.real)
    if "pyvenv.cfg" in names or depth > MAX_DEPTH:
        return
    yield from (f"{directory}/{name}" for name in names if _is_served(name))
    for name in names:
        if name.isidentifier() and name not in NOT_SERVED:
            yield from _below(files, f"{directory}/{name}", seen, depth + 1)


def _is_served(name: str) -> bool:
    is_test = name.startswith("test_") or name.endswith("_test.py")
    return name.endswith(".py") and name not in TOOLS and not is_test and not name.startswith(".")


def package_of(files: Files, path: str) -> str:
    """Dotted name of the package that a file belongs to, by the chain of __init__.py above it."""
    parts: list[str] = []
    directory = posixpath.dirname(path)
    while len(parts) < MAX_DEPTH:
        names = files.list(directory)
        if isinstance(names, Missing) or "__init__.py" not in names:
            break
        parts.append(posixpath.basename(directory))
        directory = posixpath.dirname(directory)
    return ".".join(reversed(parts))
