"""What an application writes to, as far as its settings and its own files say it.

A file that exists is opened for writing, one that does not is made in its directory. SQLite makes
its journal beside the database (sqlite.org/tempfiles.html): the directory has to be writable too.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Call, Entries, FilePath, Value
from hostprobe.facts.files import Files, is_directory, is_regular
from hostprobe.model.access import SEARCH, WRITE
from hostprobe.model.instance import Application
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.own_module import Reached
from hostprobe.model.python.settings import Setting

OPENS = frozenset({"open", "io.open", "codecs.open", "pathlib.Path.open"})
"""Path and mode are their first two arguments."""

WRITES = frozenset({"pathlib.Path.write_text", "pathlib.Path.write_bytes", "pathlib.Path.touch"})
LOGS = frozenset(
    {
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
    }
)
WRITING = frozenset("wax+")
NO_DATA = ("/dev/", "/proc/", "/sys/")


@dataclass(frozen=True, slots=True)
class Written:
    """One file or directory that an application writes to."""

    path: str
    said_by: str
    """What says so: "MEDIA_ROOT", "open"."""

    where: str
    """File and line."""

    is_certain: bool
    """Whenever the application is loaded, not only when some function is called."""


Need = tuple[str, int]
"""A path, and what is wanted of it."""


def written(
    applications: Applications, application: Application, home: str | None
) -> Iterator[Written]:
    """Settings first, then calls; `home` is where relative paths start from, None: not known."""
    found = [*by_settings(applications, application), *by_calls(applications, application, home)]
    for one in found:
        if one.path.startswith("/") and not one.path.startswith(NO_DATA):
            yield one


def needs(files: Files, one: Written) -> Iterator[Need]:
    """What the process needs there; nothing where the directory itself is missing."""
    directory = posixpath.dirname(one.path)
    if is_directory(files, one.path):
        yield one.path, WRITE | SEARCH
        return
    is_there = is_regular(files, one.path)
    if one.said_by == "MEDIA_ROOT":
        return
    if is_there:
        yield one.path, WRITE
    if is_directory(files, directory) and (not is_there or one.said_by == "DATABASES"):
        yield directory, WRITE | SEARCH


def holds_code(application: Application, directory: str) -> bool:
    """Who may write to this directory may change what the application runs."""
    files = (application.script, *(module.path for module in application.own))
    return any(posixpath.dirname(path) == directory for path in files)


def by_settings(applications: Applications, application: Application) -> Iterator[Written]:
    """SQLite files, MEDIA_ROOT where it exists, files of LOGGING."""
    for name, paths in (("DATABASES", databases), ("MEDIA_ROOT", media), ("LOGGING", handlers)):
        said = applications.setting(application, name)
        if said is not None:
            for value in paths(said):
                path = placed(value, said.path, None)
                if path:
                    yield Written(path, name, f"{said.path}:{said.line}", name == "LOGGING")


def databases(said: Setting) -> Iterator[Value]:
    """NAME of every database whose engine is SQLite."""
    for one in dictionaries(said.value):
        engine = one.get("ENGINE")
        if isinstance(engine, str) and engine.endswith(("sqlite3", "spatialite")):
            yield one.get("NAME")


def media(said: Setting) -> Iterator[Value]:
    """The directory of uploads."""
    yield said.value


def handlers(said: Setting) -> Iterator[Value]:
    """Filename of every handler."""
    for one in dictionaries(entry(said.value, "handlers")):
        yield one.get("filename")


def dictionaries(value: Value) -> Iterator[dict[str, Value]]:
    """The dictionaries that are values of a dictionary."""
    for _, inner in value.entries if isinstance(value, Entries) else ():
        if isinstance(inner, Entries):
            yield {key: one for key, one in inner.entries if isinstance(key, str)}


def entry(value: Value, key: str) -> Value:
    """One value of a dictionary; None without it."""
    found = value.entries if isinstance(value, Entries) else ()
    return next((one for name, one in found if name == key), None)


def by_calls(
    applications: Applications, application: Application, home: str | None
) -> Iterator[Written]:
    """Files that its own code opens for writing by a path that is written out."""
    for doing in applications.doing(application):
        if doing.module.reached is Reached.BESIDE:
            continue
        for call in doing.acts.calls:
            path = placed(target(call), doing.path, home)
            if path:
                is_sure = doing.module.runs_at_start and call.place.at_import
                is_sure = is_sure and not call.place.is_conditional
                yield Written(path, call.name, f"{doing.path}:{call.place.line}", is_sure)


def target(call: Call) -> Value:
    """The path that a call writes to; None where it writes to none."""
    options = dict(call.keywords)
    if call.name == "logging.basicConfig":
        return options.get("filename")
    path = call.args[0] if call.args else options.get("file", options.get("filename"))
    if call.name in WRITES | LOGS:
        return path
    mode = call.args[1] if len(call.args) > 1 else options.get("mode")
    is_written = isinstance(mode, str) and WRITING & set(mode)
    return path if call.name in OPENS and is_written else None


def placed(value: Value, source: str, home: str | None) -> str | None:
    """The path itself; one made from `__file__` starts from the source file's directory."""
    if isinstance(value, FilePath):
        return posixpath.normpath(posixpath.join(posixpath.dirname(source), value.path))
    if not isinstance(value, str) or not value or value.startswith(("~", ":", "file:")):
        return None
    if value.startswith("/"):
        return posixpath.normpath(value)
    return posixpath.normpath(posixpath.join(home, value)) if home else None
