"""Where an application depends on its process's working directory, or changes it."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Call
from hostprobe.facts.files import Files, Stat
from hostprobe.model.instance import Application
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.own_module import Reached

OPENS = frozenset(
    {
        "codecs.open",
        "io.open",
        "logging.FileHandler",
        "logging.config.fileConfig",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
        "open",
        "os.listdir",
        "os.makedirs",
        "os.mkdir",
        "os.open",
        "os.remove",
        "os.scandir",
        "os.unlink",
        "shelve.open",
        "sqlite3.connect",
        *(
            f"pathlib.Path.{method}"
            for method in ("iterdir", "mkdir", "open", "read_bytes", "read_text", "touch")
        ),
        *(f"pathlib.Path.{method}" for method in ("unlink", "write_bytes", "write_text")),
    }
)
"""Calls that fail or do something else in another directory; the path is their first argument."""

BY_KEYWORD = {
    "logging.basicConfig": "filename",
    "logging.FileHandler": "filename",
    "open": "file",
    "sqlite3.connect": "database",
}
CHANGES = frozenset({"os.chdir", "os.fchdir", "posix.chdir"})
OTHER_MEANING = ("~", ":", "file:")
"""Beginnings of what is no path in the working directory: a home, SQLite's memory and URIs."""


@dataclass(frozen=True, slots=True)
class Use:
    """One call that takes a relative path, or changes the directory."""

    call: str
    path: str
    """As written; "" where only the running program knows it."""

    where: str
    """File and line."""

    is_sure: bool
    """It runs whenever the application is loaded."""


def relative_opens(applications: Applications, application: Application) -> Iterator[Use]:
    """Opens by a relative path; nothing where the application moves to a directory of its own."""
    found = []
    for doing, call in calls(applications, application):
        path = path_of(call)
        if call.name in CHANGES and call.place.at_import and not is_relative(path):
            return
        if is_relative(path) and (call.name in OPENS | CHANGES or call.name in BY_KEYWORD):
            found.append(use(doing, call, str(path)))
    yield from found


def changes(applications: Applications, application: Application) -> Iterator[Use]:
    """Calls that move the whole process."""
    for doing, call in calls(applications, application):
        if call.name in CHANGES:
            path = path_of(call)
            yield use(doing, call, path if isinstance(path, str) else "")


def calls(applications: Applications, application: Application) -> Iterator[tuple[Doing, Call]]:
    """Of every file that something executes."""
    for doing in applications.doing(application):
        if doing.module.reached is not Reached.BESIDE:
            for call in doing.acts.calls:
                yield doing, call


def use(doing: Doing, call: Call, path: str) -> Use:
    """One call of one file."""
    is_sure = doing.module.runs_at_start and call.place.at_import and not call.place.is_conditional
    return Use(call.name, path, f"{doing.path}:{call.place.line}", is_sure)


def path_of(call: Call) -> object:
    """The argument that is a path; None without one."""
    if call.args:
        return call.args[0] if call.name != "logging.basicConfig" else None
    return dict(call.keywords).get(BY_KEYWORD.get(call.name, ""))


def is_relative(path: object) -> bool:
    """A text that names something in the working directory."""
    return isinstance(path, str) and bool(path) and not path.startswith(("/", *OTHER_MEANING))


def is_there(files: Files, directory: str | None, path: str) -> bool:
    """The path fits the directory: something is there."""
    if directory is None:
        return False
    return isinstance(files.stat(posixpath.normpath(posixpath.join(directory, path))), Stat)
