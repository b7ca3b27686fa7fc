"""Whether an environment fits the Python that mod_wsgi brings (PEP 405, getpath.py)."""

from dataclasses import dataclass
from typing import Literal

from hostprobe.model.instance import PythonEnvironment

EXTENSIONS_SHOWN = 5
Kind = Literal["cannot-start", "other-version", "foreign-extension", "patch-level"]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One environment that is not for this Python."""

    kind: Kind
    path: str
    """The home, or the python-path entry."""

    version: str
    """X.Y of mod_wsgi's Python."""

    found: tuple[str, ...]
    """Versions that the environment is for."""

    where: str
    title: str
    detail: str
    foreign: tuple[str, ...] = ()


def find_mismatch(environment: PythonEnvironment) -> Mismatch | None:
    """The worst disagreement; None where everything fits or the version is not known."""
    if not environment.version:
        return None
    return (
        home_unusable(environment)
        or home_of_other_version(environment)
        or foreign_path(environment)
        or foreign_extension(environment)
        or other_patch_level(environment)
    )


def mismatch(
    environment: PythonEnvironment,
    kind: Kind,
    path: str,
    found: tuple[str, ...],
    title: str,
    why: str,
) -> Mismatch:
    """Fill in what every kind shares."""
    where = str(environment.home_where) if environment.home_where else ""
    shown = environment.foreign_extensions[:EXTENSIONS_SHOWN]
    return Mismatch(kind, path, environment.version, found, where, title, why, shown)


def home_unusable(environment: PythonEnvironment) -> Mismatch | None:
    """No directory, or no standard library of this version behind it."""
    version, home = environment.version, environment.home or environment.prefix
    if environment.home and not environment.is_home_directory:
        title = f"python-home {home} is not a directory"
        why = "The interpreter finds neither standard library nor packages and does not start."
        return mismatch(environment, "cannot-start", home, (), title, why)
    if environment.stdlib is None:
        title = f"{home} has no standard library of Python {version}"
        why = "The interpreter does not start: no module named 'encodings'."
        found = environment.home_versions
        return mismatch(environment, "cannot-start", home, found, title, why)
    return None


def home_of_other_version(environment: PythonEnvironment) -> Mismatch | None:
    """A virtual environment whose packages are in lib/pythonX.Y of another X.Y."""
    version, home = environment.version, environment.home
    versions = environment.home_versions
    if home is None or version in versions:
        return None
    made_for = versions or told(environment)
    if not made_for or made_for == (version,):
        return None
    title = f"{home} is for Python {', '.join(made_for)}, mod_wsgi runs Python {version}"
    why = (
        f"Python {version} looks for packages in {home}/lib/python{version}, which does not exist: "
        "it starts, and every import from the environment fails."
    )
    return mismatch(environment, "other-version", home, made_for, title, why)


def foreign_path(environment: PythonEnvironment) -> Mismatch | None:
    """A python-path entry into the site-packages of another version."""
    if not environment.foreign_paths:
        return None
    path = environment.foreign_paths[0]
    title = f"python-path {path} is not for Python {environment.version}"
    why = "Pure Python packages may work by chance; compiled extensions there cannot be imported."
    return mismatch(environment, "other-version", path, (), title, why)


def foreign_extension(environment: PythonEnvironment) -> Mismatch | None:
    """An extension whose file name is tagged for another Python, and no file that fits."""
    if not environment.foreign_extensions:
        return None
    path = environment.foreign_extensions[0]
    more = len(environment.foreign_extensions) - 1
    title = f"{path} is not for Python {environment.version}" + (f" (and {more} more)" * bool(more))
    why = "The tag in its name is another Python's: the import system does not see the file."
    return mismatch(environment, "foreign-extension", path, (), title, why)


def told(environment: PythonEnvironment) -> tuple[str, ...]:
    """X.Y as pyvenv.cfg tells it."""
    version = environment.pyvenv.version if environment.pyvenv else None
    return (".".join(version.split(".")[:2]),) if version else ()


def other_patch_level(environment: PythonEnvironment) -> Mismatch | None:
    """Same X.Y, but mod_wsgi's Python and the environment's are of different releases."""
    patch = environment.patch
    made_with = environment.pyvenv.version if environment.pyvenv else None
    if not (patch and made_with and environment.home) or release(made_with) == release(patch):
        return None
    title = f"{environment.home} was made with Python {made_with}, mod_wsgi runs {patch}"
    why = "The same minor version works; a patch release may have fixed what the other still has."
    return mismatch(environment, "patch-level", environment.home, (made_with,), title, why)


def release(version: str) -> tuple[str, ...]:
    """The first three numbers: pyvenv.cfg may say 3.11.2.final.0."""
    return tuple(version.split(".")[:3])
