"""Where httpd is and how the distribution would start it.

Debian: apache2ctl sources envvars of the instance's directory. RHEL and others: the systemd unit
with its drop-ins. Otherwise what is compiled into the binary.
"""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, replace

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import EnvironmentFile, HttpdBuild, HttpdStart
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.httpd.environment import (
    Shell,
    after_file,
    find_unit,
    settings,
    split,
    unit_environment,
)
from hostprobe.model.httpd.include import absolute
from hostprobe.model.httpd.secure import secured

DEBIAN = "/usr/sbin/apache2"
BINARIES = (
    DEBIAN,
    "/usr/sbin/httpd",
    "/usr/bin/httpd",
    "/usr/local/apache2/bin/httpd",
    "/usr/local/sbin/httpd",
    "/opt/bitnami/apache/bin/httpd",
)
"""Debian; RHEL, SUSE, Alpine; Arch; httpd's own default prefix; others."""

UNITS = ("httpd.service", "apache2.service")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line of hostprobe adds to every start."""

    defines: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


def find_starts(
    files: Files,
    config_file: str | None = None,
    binary: str | None = None,
    defines: tuple[str, ...] = (),
    before: tuple[str, ...] = (),
    after: tuple[str, ...] = (),
) -> tuple[HttpdStart, ...] | Missing:
    """Every httpd that could be started; exactly one when `config_file` is given.

    Missing with `not_found` when no httpd is installed, without it when a given file is not there.
    """
    for given in (config_file, binary):
        if given is not None and isinstance(stat := files.stat(absolute("/", given)), Missing):
            return Missing(stat.reason)
    found = binary or find_binary(files)
    if found is None:
        return Missing(
            f"No Apache httpd is installed here: none of {', '.join(BINARIES)} exists "
            "(--httpd BINARY names another one)",
            not_found=True,
        )
    build = files.read(found, HttpdBuild)
    if isinstance(build, Missing):
        build = HttpdBuild(None, None, None, ())
    starts = given_start(files, found, build, config_file) or usual_starts(files, found, build)
    options = Options(defines, before, after)
    return tuple(secured(files, with_options(start, options)) for start in starts)


def find_binary(files: Files) -> str | None:
    """The first of the usual places that holds something."""
    return next((path for path in BINARIES if not isinstance(files.stat(path), Missing)), None)


def with_options(start: HttpdStart, options: Options) -> HttpdStart:
    """The same start with more on its command line."""
    return replace(
        start,
        defines=start.defines + options.defines,
        before=start.before + options.before,
        after=start.after + options.after,
    )


def given_start(
    files: Files, binary: str, build: HttpdBuild, config_file: str | None
) -> tuple[HttpdStart, ...]:
    """--config: that file with the environment of the usual start; empty without --config."""
    if config_file is None:
        return ()
    path = absolute("/", config_file)
    folder = posixpath.dirname(path)
    if binary == DEBIAN:
        has_own = isinstance(files.read(f"{folder}/envvars", EnvironmentFile), EnvironmentFile)
        usual = debian_start(files, build, folder if has_own else "/etc/apache2")
    else:
        usual = usual_starts(files, binary, build)[0]
    unit = usual.unit if path == usual.config_file else ""
    return (replace(usual, config_file=path, origin="--config", unit=unit),)


def usual_starts(files: Files, binary: str, build: HttpdBuild) -> tuple[HttpdStart, ...]:
    """How the distribution starts this binary."""
    if binary == DEBIAN:
        folders = debian_folders(files)
        if folders:
            return tuple(debian_start(files, build, folder) for folder in folders)
    return (unit_start(files, binary, build) or plain_start(files, binary, build),)


def debian_folders(files: Files) -> list[str]:
    """/etc/apache2 and the further instances /etc/apache2-SUFFIX that have an apache2.conf."""
    names = files.list("/etc")
    further = [] if isinstance(names, Missing) else [n for n in names if n.startswith("apache2-")]
    folders = [f"/etc/{name}" for name in ("apache2", *further)]
    return [folder for folder in folders if has_file(files, f"{folder}/apache2.conf")]


def has_file(files: Files, path: str) -> bool:
    """Something is there, or could not be looked at."""
    stat = files.stat(path)
    return not (isinstance(stat, Missing) and stat.not_found)


def debian_start(files: Files, build: HttpdBuild, folder: str) -> HttpdStart:
    """apache2ctl(8) for the instance whose APACHE_CONFDIR is `folder`."""
    suffix = folder.removeprefix("/etc/apache2-") if folder.startswith("/etc/apache2-") else ""
    name = f"apache2@{suffix}.service" if suffix else "apache2.service"
    unit = find_unit(files, name)
    inherited = {**unit_environment(files, unit), "APACHE_CONFDIR": folder}
    own = {"SUFFIX": f"-{suffix}" if suffix else ""}
    shell = sourced(files, f"{folder}/envvars", inherited, own)
    start = HttpdStart(
        binary=shell.known.get("APACHE_HTTPD", "") or DEBIAN,
        config_file=posixpath.join(folder, "apache2.conf"),
        server_root=folder if suffix else build.root or folder,
        environment=shell.exported,
        origin="/usr/sbin/apache2ctl" + (f"-{suffix}" if suffix else ""),
        unit=name if unit else "",
    )
    return with_arguments(start, shell.known.get("APACHE_ARGUMENTS", "").split())


def sourced(files: Files, path: str, inherited: Mapping[str, str], own: Mapping[str, str]) -> Shell:
    """The shell after `. path`; as before when the file is not there."""
    file = files.read(path, EnvironmentFile)
    if isinstance(file, Missing):
        return Shell({**own, **inherited}, inherited)
    return after_file(file, inherited, own)


def unit_start(files: Files, binary: str, build: HttpdBuild) -> HttpdStart | None:
    """The systemd unit whose ExecStart runs this binary or its control script."""
    for name in UNITS:
        unit = find_unit(files, name)
        words = command(unit)
        environment = unit_environment(files, unit)
        if words and words[0] == binary:
            start = replace(plain_start(files, binary, build), environment=environment, origin=name)
            start = replace(start, user=user_of(unit), directory=directory_of(unit), unit=name)
            return with_arguments(start, expanded_words(words[1:], environment))
        if words and posixpath.basename(words[0]) in {"apachectl", "httpd"}:
            start = replace(plain_start(files, binary, build), environment=environment, origin=name)
            return replace(start, user=user_of(unit), directory=directory_of(unit), unit=name)
    return None


def user_of(unit: tuple[UnitFile, ...]) -> str:
    """User= of a unit; systemd starts the others as root."""
    users = settings(unit, "User")
    return "root" if not users or users[-1] == "0" else users[-1]


def directory_of(unit: tuple[UnitFile, ...]) -> str | None:
    """WorkingDirectory= of a unit, "/" without one; None for "~", the home of its user."""
    directories = settings(unit, "WorkingDirectory")
    directory = directories[-1].removeprefix("-") if directories else "/"
    return None if directory == "~" else directory


def command(unit: tuple[UnitFile, ...]) -> list[str]:
    """Words of the last ExecStart, without the prefix characters of systemd.service(5)."""
    lines = settings(unit, "ExecStart")
    words = split(lines[-1]) if lines else []
    return [words[0].lstrip("@-:+!|"), *words[1:]] if words else []


def expanded_words(words: list[str], environment: Mapping[str, str]) -> list[str]:
    """$X becomes any number of words, ${X} one (systemd.service(5))."""
    found: list[str] = []
    for word in words:
        if word.startswith("${") and word.endswith("}"):
            found.append(environment.get(word[2:-1], ""))
        elif word.startswith("$"):
            found.extend(split(environment.get(word[1:], "")))
        else:
            found.append(word)
    return found


def plain_start(files: Files, binary: str, build: HttpdBuild) -> HttpdStart:
    """Compiled-in defaults; the environment of the control script's files, where there are any."""
    root = build.root or "/etc/httpd"
    environment: Mapping[str, str] = {}
    for path in (posixpath.join(posixpath.dirname(binary), "envvars"), "/etc/sysconfig/httpd"):
        environment = sourced(files, path, environment, {}).exported
    return HttpdStart(
        binary=binary,
        config_file=absolute(root, build.config_file or "conf/httpd.conf"),
        server_root=root,
        environment=environment,
        origin=f"compiled into {binary}",
    )


def with_arguments(start: HttpdStart, words: list[str]) -> HttpdStart:
    """Take httpd's own options -D, -C, -c, -d and -f; -X defines DEBUG, others do not matter."""
    taken: dict[str, list[str]] = {option: [] for option in "DCcdf"}
    rest = iter(words)
    for word in rest:
        option = word[1:2]
        if word == "-X":
            taken["D"].append("DEBUG")
        elif word.startswith("-") and option in taken:
            taken[option].append(word[2:] or next(rest, ""))
    root = absolute("/", taken["d"][-1]) if taken["d"] else start.server_root
    name = taken["f"][-1] if taken["f"] else start.config_file
    return replace(
        start,
        defines=start.defines + tuple(taken["D"]),
        before=start.before + tuple(taken["C"]),
        after=start.after + tuple(taken["c"]),
        server_root=root,
        config_file=absolute(root, name),
    )
