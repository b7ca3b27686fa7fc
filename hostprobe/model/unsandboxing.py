"""Drop-ins that give back what a unit takes away, the narrowest that works."""

import posixpath
import shlex
from collections.abc import Iterable, Iterator
from stat import S_ISDIR

from hostprobe.facts.files import Missing
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.sandbox import LISTS, Sandbox, listed
from hostprobe.model.sandboxed import UNIX, Denial, Need, Use, denied

DROP_IN = "drop-in"
"""Stands for the file that is proposed."""

HOLES = {
    "BindReadOnlyPaths": "BindPaths",
    "NoExecPaths": "ExecPaths",
    "ProtectSystem": "ReadWritePaths",
    "ReadOnlyPaths": "ReadWritePaths",
}
"""Setting -> what makes an exception from it; others have a bind mount."""

SWITCHES = frozenset(
    {"DynamicUser", "MemoryDenyWriteExecute", "PrivateDevices", "PrivateTmp"}
    | {"ProtectHome", "ProtectSystem"}
)
MOST_HOLES = 20
"""More exceptions than that are no exceptions."""

Lines = tuple[str, ...]


def cure(sandbox: Sandbox, denial: Denial) -> Lines:
    """Lines of [Service] after which nothing of it is denied; the last where others deny it too."""
    found: Lines = ()
    for found in candidates(sandbox, denial):
        if is_cured(sandbox, denial, found):
            break
    return found


def is_cured(sandbox: Sandbox, denial: Denial, lines: Lines) -> bool:
    """Below these lines no setting stands against the uses."""
    pairs = tuple((key, value) for key, _, value in (line.partition("=") for line in lines))
    parts = (*sandbox.parts, (DROP_IN, UnitFile(pairs)))
    changed = Sandbox(sandbox.unit, parts, sandbox.files)
    return not any(denied(changed, use) for use in denial.uses)


def candidates(sandbox: Sandbox, denial: Denial) -> Iterator[Lines]:
    """An exception, a weaker value, the list without the entry, and the setting undone."""
    key = denial.said.key
    writes = any(use.need is Need.WRITE for use in denial.uses)
    folders = dict.fromkeys(hole(sandbox, use) for use in denial.uses)
    holes = words(folders)
    binding = HOLES.get(key, "BindPaths" if writes else "BindReadOnlyPaths")
    if key == "RestrictAddressFamilies":
        yield (f"{key}={UNIX}",)
    elif key != "MemoryDenyWriteExecute" and len(folders) <= MOST_HOLES:
        if key == "DynamicUser" and writes:
            yield (f"ReadWritePaths={holes}",)
        yield (f"{binding}={holes}",)
    if key == "ProtectHome":
        yield ("ProtectHome=read-only",)
        yield ("ProtectHome=read-only", f"ReadWritePaths={holes}")
    if key in LISTS:
        yield without(sandbox, denial)
    yield (f"{key}=no",) if key in SWITCHES else (f"{key}=",)


def hole(sandbox: Sandbox, use: Use) -> str:
    """The directory of a file, unless that is where the setting begins."""
    stat = sandbox.files.stat(use.path)
    if not isinstance(stat, Missing) and S_ISDIR(stat.mode):
        return use.path
    folder = posixpath.dirname(use.path)
    return use.path if folder in sandbox.rules and use.need is not Need.WRITE else folder


def without(sandbox: Sandbox, denial: Denial) -> Lines:
    """The list again, without the words that deny."""
    key = denial.said.key
    paths = [posixpath.join(use.path, "") for use in denial.uses]
    entries = [word for _, word in listed(sandbox.parts, key)]
    kept = [word for word in entries if not any(path.startswith(f"{word}/") for path in paths)]
    return (f"{key}=", f"{key}={words(kept)}") if kept else (f"{key}=",)


def words(paths: Iterable[str]) -> str:
    """Quoted for a unit, in which a percent sign begins a specifier."""
    return " ".join(shlex.quote(path).replace("%", "%%") for path in paths)
