"""The directives that give applications the main interpreter of a process of their own."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from hostprobe.model.instance import Application, Instance, ProcessGroup

MOST = 5
"""Applications whose directives are written out."""


def own_processes(instance: Instance, applications: Iterable[Application]) -> tuple[str, ...]:
    """Remedy lines: what to write in place of each mount, and that httpd has to be restarted.

    An application that is alone in its daemon process group keeps it, and so does the first one of
    several; each other gets a group with the same options.
    """
    mounts = {(one.server, one.mount, one.script): one for one in applications}
    writer = Writer(instance)
    lines = [line for one in tuple(mounts.values())[:MOST] for line in writer.lines(one)]
    if len(mounts) > MOST:
        lines.append(f"And so for the other {len(mounts) - MOST} mounts.")
    return (*lines, "Stop and start httpd.")


class Writer:
    """Writes the directives of one instance; remembers the names that it gives."""

    def __init__(self, instance: Instance) -> None:
        self._groups = {group.name: group for group in instance.process_groups}
        self._scripts: dict[str, str] = {}
        self._kept: set[str] = set()
        directives = instance.configuration.directives
        paths = [one.args[0] for one in directives if one.key == "wsgipythonpath" and one.args]
        self._embedded_path = paths[-1] if paths else None

    def lines(self, application: Application) -> Iterator[str]:
        """One application: its process group where it needs a new one, and its mount."""
        group = self._groups.get(application.process_group or "")
        name = self._scripts.get(application.script)
        if name is None and group and group.name not in self._kept:
            name = group.name
        elif name is None:
            name = self._free_name(application)
            yield f"WSGIDaemonProcess {quoted(name)}{self._options(group)}"
        self._kept.add(name)
        self._scripts[application.script] = name
        words = " ".join(quoted(word) for word in (application.mount, application.script))
        yield (
            f"{directive_of(application)} {words} process-group={quoted(name)} "
            f"application-group=%{{GLOBAL}}   (in place of {application.where})"
        )

    def _free_name(self, application: Application) -> str:
        stem = posixpath.basename(application.script).partition(".")[0]
        if stem in {"wsgi", "app", "application", "index", "django"}:
            stem = posixpath.basename(posixpath.dirname(application.script))
        stem = re.sub(r"[^\w.-]+", "-", stem) or "application"
        names = (stem, *(f"{stem}-{number}" for number in range(2, len(self._kept) + 1_000)))
        return next(name for name in names if name not in self._groups.keys() | self._kept)

    def _options(self, group: ProcessGroup | None) -> str:
        """Those of the group that it leaves; embedded mode hands its python-path on."""
        options = {"python-path": self._embedded_path} if self._embedded_path else {}
        found = options if group is None else group.options
        return "".join(
            f" {name}={quoted(value)}" for name, value in found.items() if name != "display-name"
        )


def directive_of(application: Application) -> str:
    """The directive that mounts it."""
    is_path = application.mount.startswith("/")
    return "WSGIScriptAlias" if is_path else "WSGIScriptAliasMatch"


def quoted(word: str) -> str:
    """As httpd reads one word (ap_getword_conf)."""
    if word and not re.search(r"[\s\"'\\]", word):
        return word
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
