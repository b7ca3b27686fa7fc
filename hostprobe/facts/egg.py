"""A zipped egg, by its directory and what its modules ask of pkg_resources."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Egg:
    """One zip archive on sys.path."""

    extensions: tuple[tuple[str, int], ...]
    """(member, bytes unpacked) of compiled modules, which can only be loaded from real files."""

    packages: tuple[str, ...]
    """Names that it adds to what can be imported, sorted."""

    has_eager_resources: bool
    """EGG-INFO/eager_resources.txt: what is to be unpacked together."""

    askers: tuple[str, ...]
    """Modules that ask for files by resource_filename, stubs of extensions left out."""

    is_cut: bool = False
    """It has more, or larger, modules than are read."""
