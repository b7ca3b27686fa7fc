"""Python source, environments and packages as far as files tell."""

from dataclasses import dataclass

from hostprobe.facts.acts import NO_ACTS, Acts


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement, one name."""

    module: str
    """Dotted name as written ("numpy.linalg"); "" for `from . import x`."""

    names: tuple[str, ...]
    """Names after `from ... import`; empty for plain `import`."""

    level: int
    """Leading dots of a relative import; 0 is absolute."""

    line: int
    at_import: bool
    """Executed when the module is imported: not in a function, not under TYPE_CHECKING or
    `if __name__ == "__main__"`."""

    guarded: bool
    """Inside a try block that catches ImportError: may fail silently."""

    tried: int = 0
    """Line of that try statement, the innermost one that catches ImportError; 0 without one."""

    fallback: int = 0
    """Line of the try statement in whose ImportError handler it stands: runs only when an import
    tried there fails; 0 outside of handlers."""


@dataclass(frozen=True, slots=True)
class PathAddition:
    """One directory that a script adds to sys.path."""

    path: str | None
    """Absolute, or relative to the directory of the source file ("." is that directory); None
    where only the running program knows it."""

    front: bool
    """Inserted before the others; otherwise appended."""

    is_site: bool
    """By site.addsitedir: its .pth files count too."""

    line: int


@dataclass(frozen=True, slots=True)
class PythonSource:
    """What the ast of one source file says."""

    imports: tuple[Import, ...]
    error: str | None = None
    """Syntax error text with its line; then `imports` is empty."""

    dynamic: tuple[int, ...] = ()
    """Lines of imports by a computed name."""

    paths: tuple[PathAddition, ...] = ()
    """Additions to sys.path outside functions, in order."""

    acts: Acts = NO_ACTS
    """What it does; nothing is known when `error` is set."""


@dataclass(frozen=True, slots=True)
class ScannedSource:
    """Import lines found by the cheap line scanner: site-packages and standard library."""

    imports: tuple[Import, ...]
    """Only those executed when the module is imported."""


@dataclass(frozen=True, slots=True)
class PyvenvCfg:
    """pyvenv.cfg (site module): keys lower case."""

    home: str | None
    version: str | None
    """`version` or `version_info`, e.g. "3.11.2"."""

    include_system_site_packages: bool


@dataclass(frozen=True, slots=True)
class PthFile:
    """A .pth file of a site directory."""

    paths: tuple[str, ...]
    """Lines that add a path; lines that start with `import` are never executed, only counted."""

    import_lines: int
