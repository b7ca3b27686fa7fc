"""Files that applications read and write by a path that their source tells."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Call, Entries, FilePath, Items, Value
from hostprobe.model.instance import Application
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.own_module import Reached

OPENING = frozenset({"open", "io.open", "codecs.open", "pathlib.Path.open"})
READING = frozenset(
    {
        "os.listdir",
        "os.scandir",
        "os.walk",
        "pathlib.Path.glob",
        "pathlib.Path.iterdir",
        "pathlib.Path.read_bytes",
        "pathlib.Path.read_text",
    }
)
WRITING = frozenset(
    {
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
        "os.makedirs",
        "os.mkdir",
        "os.remove",
        "os.rename",
        "os.unlink",
        "pathlib.Path.mkdir",
        "pathlib.Path.touch",
        "pathlib.Path.unlink",
        "pathlib.Path.write_bytes",
        "pathlib.Path.write_text",
        "shelve.open",
        "sqlite3.connect",
    }
)
TALKING = frozenset({"input", "print", "raw_input", "sys.stderr.write", "sys.stdout.write"})
"""A path that they are given is a text."""

FOLDERS = ("MEDIA_ROOT", "FILE_UPLOAD_TEMP_DIR", "EMAIL_FILE_PATH", "SESSION_FILE_PATH")
"""Django settings that name a directory to write to."""


@dataclass(frozen=True, slots=True)
class DataPath:
    """One path of an application's data."""

    path: str
    """Absolute."""

    is_written: bool
    where: str
    """`file:line` of the source."""


def data_paths(applications: Applications, application: Application) -> Iterator[DataPath]:
    """Of its own code and of its Django settings; relative ones are left out."""
    for doing in applications.doing(application):
        if doing.module.reached is not Reached.BESIDE:
            for call in doing.acts.calls:
                yield from of_call(doing, call)
    yield from of_settings(applications, application)


def of_call(doing: Doing, call: Call) -> Iterator[DataPath]:
    """The first argument of what opens a file, and every argument that is an absolute path."""
    where = f"{doing.path}:{call.place.line}"
    name = call.name
    if name in TALKING:
        return
    is_written = name in WRITING or (name in OPENING and writes(call))
    values = (*call.args, *(value for _, value in call.keywords))
    if is_written or name in OPENING | READING:
        values = values[:1]
    else:
        values = tuple(value for value in values if isinstance(value, str))
    for value in values:
        path = absolute(doing.path, value)
        if path is not None:
            yield DataPath(path, is_written, where)


def writes(call: Call) -> bool:
    """The mode of an open() has a letter that writes."""
    mode = next((value for key, value in call.keywords if key == "mode"), None)
    given = call.args[1] if len(call.args) > 1 else mode
    return isinstance(given, str) and not set("wax+").isdisjoint(given)


def absolute(source: str, value: Value) -> str | None:
    """As written, or from the directory of the source file."""
    if isinstance(value, FilePath):
        return posixpath.normpath(posixpath.join(posixpath.dirname(source), value.path))
    return posixpath.normpath(value) if isinstance(value, str) and value.startswith("/") else None


def of_settings(applications: Applications, application: Application) -> Iterator[DataPath]:
    """Directories to write to, and the file or the socket of a database."""
    for name in FOLDERS:
        setting = applications.setting(application, name)
        path = absolute(setting.path, setting.value) if setting else None
        if setting and path:
            yield DataPath(path, is_written=True, where=f"{setting.path}:{setting.line}")
    setting = applications.setting(application, "DATABASES")
    for key, value in entries(setting.value) if setting else ():
        path = absolute(setting.path, value) if setting and key in {"NAME", "HOST"} else None
        if setting and path:
            yield DataPath(path, key == "NAME", f"{setting.path}:{setting.line}")


def entries(value: Value) -> Iterator[tuple[Value, Value]]:
    """Keys and values of a dictionary and of those in it."""
    for key, inner in value.entries if isinstance(value, Entries) else ():
        yield key, inner
        yield from entries(inner)
    for each in value.items if isinstance(value, Items) else ():
        yield from entries(each)
