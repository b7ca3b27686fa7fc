"""Which checks there are: the entry-point group `hostprobe.checks`, hostprobe's own among them.

An entry names a package; every module in it is a check, its file name the name of the check.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from hostprobe.check import Check

GROUP = "hostprobe.checks"
OWN = "hostprobe_checks"


class UnknownCheckError(LookupError):
    """An id that no check has; the message proposes the ones that are spelled alike."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every check by id, and what could not be loaded."""

    checks: Mapping[str, Check]
    broken: Mapping[str, str]
    """Id that the check would have had, or name of the package -> why it cannot be loaded."""


def discover() -> Catalogue:
    """Load all checks; one that cannot be loaded costs itself only."""
    checks: dict[str, Check] = {}
    broken: dict[str, str] = {}
    for package in packages():
        for name, loaded in load_package(package):
            if isinstance(loaded, str):
                broken[name] = loaded
            elif loaded.id in checks:
                broken[f"{package}:{name}"] = f"a check named {loaded.id} exists already"
            else:
                checks[loaded.id] = loaded
    return Catalogue(dict(sorted(checks.items())), broken)


def packages() -> Iterator[str]:
    """Names of the packages, hostprobe's own first; from a source tree too."""
    yield OWN
    if any(map(has_plugins, sys.path)):
        from importlib.metadata import entry_points  # noqa: PLC0415  costs 40 ms and 4 MB

        found = {entry.value for entry in entry_points(group=GROUP)}
        yield from sorted(found - {OWN})


def has_plugins(directory: str) -> bool:
    """Another distribution than hostprobe names the group there; archives are not looked into."""
    try:
        entries = [one for one in Path(directory or ".").iterdir() if one.name.endswith("-info")]
    except NotADirectoryError:
        return True
    except OSError:
        return False
    files = [one / "entry_points.txt" for one in entries if not one.name.startswith("hostprobe-")]
    return any(GROUP.encode() in file.read_bytes() for file in files if file.is_file())


def load_package(package: str) -> Iterator[tuple[str, Check | str]]:
    """(id, check or why there is none) of each module in a package."""
    try:
        names = [module.name for module in iter_modules(import_checks(package).__path__)]
    except Exception as error:  # noqa: BLE001  a foreign package may raise anything
        yield package, f"{type(error).__name__}: {error}"
        return
    for name in sorted(names):
        yield name.replace("_", "-"), load_check(package, name)


def import_checks(package: str):  # type: ignore[no-untyped-def]  # noqa: ANN201  a module
    """The package; hostprobe's own is found beside a source tree that is not installed."""
    try:
        return import_module(package)
    except ModuleNotFoundError:
        beside = Path(__file__).resolve().parent.parent / "checks"
        if package != OWN or not (beside / OWN).is_dir():
            raise
        sys.path.append(str(beside))
        return import_module(package)


def load_check(package: str, name: str) -> Check | str:
    """The check that has its module's name, or why it cannot be had."""
    try:
        found = getattr(import_module(f"{package}.{name}"), name, None)
    except Exception as error:  # noqa: BLE001  a foreign module may raise anything
        return f"{type(error).__name__}: {error}"
    return found if isinstance(found, Check) else f"{package}.{name} defines no check {name}"


def select(
    catalogue: Catalogue, wanted: Iterable[str], ignored: Iterable[str]
) -> tuple[Check, ...]:
    """The wanted checks (all when none is named) without the ignored ones, in order of their id."""
    wanted, ignored = list(wanted), list(ignored)
    for name in (*wanted, *ignored):
        require(catalogue, name)
    chosen = set(wanted or catalogue.checks) - set(ignored)
    return tuple(check for name, check in catalogue.checks.items() if name in chosen)


def require(catalogue: Catalogue, name: str) -> None:
    """UnknownCheckError unless there is a check of that id."""
    if name in catalogue.checks:
        return
    if name in catalogue.broken:
        raise UnknownCheckError(f"check {name} cannot be loaded: {catalogue.broken[name]}")
    from difflib import get_close_matches  # noqa: PLC0415  only for a mistake

    close = get_close_matches(name, catalogue.checks, n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "`hostprobe checks` lists them."
    raise UnknownCheckError(f"there is no check {name!r}: {hint}")
