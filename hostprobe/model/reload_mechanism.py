"""What WSGIReloadMechanism does in each series of mod_wsgi (wsgi_set_reload_mechanism)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import Directive, ModuleStructures
from hostprobe.model.httpd.drivers import walk
from hostprobe.model.instance import Instance
from hostprobe.model.interpreters import Interpreters

KEY = "wsgireloadmechanism"
VALUES = {1: ("module", "interpreter"), 2: ("module", "process")}
"""Series -> values in lower case; from 3.0 on the directive does not exist."""

Kind = Literal["interpreter", "value", "directive"]


@dataclass(frozen=True, slots=True)
class Reload:
    """One directive that does harm."""

    instance: Instance
    directive: Directive
    kind: Kind
    """It destroys interpreters, has a value that mod_wsgi refuses, or is not known to it."""

    series: int
    """1, 2, or 3 for 3.0 and later."""


def harmful(interpreters: Interpreters) -> Iterator[Reload]:
    """In the order of the configuration; nothing where the series of mod_wsgi is not known."""
    for instance in interpreters.instances:
        found = [one for one in walk(instance.configuration.directives) if one.key == KEY]
        series = series_of(interpreters.files, instance) if found else None
        for directive in found if series else ():
            kind = kind_of(directive, series or 0)
            if kind:
                yield Reload(instance, directive, kind, series or 0)


def kind_of(directive: Directive, series: int) -> Kind | None:
    """What is wrong with it there."""
    if series not in VALUES:
        return "directive"
    value = directive.args[0].lower() if directive.args else ""
    if value not in VALUES[series]:
        return "value"
    return "interpreter" if value == "interpreter" else None


def series_of(files: Files, instance: Instance) -> int | None:
    """By its release, else by the directives that it brings; None: neither is known."""
    number = instance.mod_wsgi_version.partition(".")[0]
    if number.isdecimal():
        return min(int(number), 3)
    found = files.read(instance.mod_wsgi or "", ModuleStructures)
    structures = () if isinstance(found, Missing) else found.modules
    names = {name.lower() for one in structures for name in one.directives}
    if "wsgiscriptalias" not in names:
        return None
    if KEY not in names:
        return 3
    return 2 if "wsgiimportscript" in names else 1
