"""What holds for one interpreter of mod_wsgi 6: directives and <WSGIInterpreterOptions>.

Rules of wsgi_resolve_interpreter_options and wsgi_resolve_free_threading (wsgi_interp.c, 6.1): of
the blocks that select the interpreter the one with most selectors wins, among equal ones the last,
and any of them over the directive outside of blocks.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from hostprobe.facts.httpd import Configuration, Directive

BLOCK = "<wsgiinterpreteroptions"
SELECTORS = ("process-group", "application-group")


class Line(NamedTuple):
    """One directive, in a block or outside."""

    position: int
    """Its place in the configuration."""

    selected: Mapping[str, str] | None
    """Selectors of its block; None outside of blocks."""

    directive: Directive

    @property
    def strength(self) -> tuple[int, int]:
        """The stronger one decides."""
        return (-1 if self.selected is None else len(self.selected)), self.position


class InterpreterOptions:
    """What one configuration says; directives inside virtual hosts are errors of httpd's."""

    def __init__(self, configuration: Configuration) -> None:
        self._lines: dict[str, list[Line]] = {}
        for position, one in enumerate(configuration.directives):
            selected = selectors(one) if one.key == BLOCK else None
            for directive in [one] if selected is None else one.children or ():
                line = Line(position, selected, directive)
                self._lines.setdefault(directive.key, []).append(line)

    def of_interpreter(
        self, key: str, process_group: str | None, application_group: str | None
    ) -> tuple[Directive, ...]:
        """The directive that decides for an interpreter, `key` its name in lower case.

        Groups as in `Application`: "" is embedded mode and the main interpreter. Nothing where the
        default holds; more than one only where a group is None, decided per request: then each may.
        """
        wanted = dict(zip(SELECTORS, (process_group, application_group), strict=True))
        return decisive(self._lines.get(key, ()), wanted)

    def of_process(self, key: str, process_group: str | None) -> tuple[Directive, ...]:
        """For what holds for a whole process: blocks of an application group do not count."""
        return decisive(self._lines.get(key, ()), {SELECTORS[0]: process_group})


def is_on(directives: tuple[Directive, ...]) -> bool:
    """Whether one of them switches on."""
    return any([word.lower() for word in one.args] == ["on"] for one in directives)


def decisive(lines: Sequence[Line], wanted: Mapping[str, str | None]) -> tuple[Directive, ...]:
    """The strongest, and as long as that one is in doubt the next."""
    decided = []
    for line in sorted(lines, key=lambda each: each.strength, reverse=True):
        verdict = selects(line.selected or {}, wanted)
        if verdict is not False:
            decided.append(line.directive)
        if verdict:
            break
    return tuple(decided)


def selectors(block: Directive) -> dict[str, str]:
    """Selector in lower case -> group; %{GLOBAL} is ""."""
    pairs = (word.partition("=") for word in block.args)
    return {name.lower(): "" if value == "%{GLOBAL}" else value for name, _, value in pairs}


def selects(selected: Mapping[str, str], wanted: Mapping[str, str | None]) -> bool | None:
    """Whether a block is for the wanted groups; None: only a request tells."""
    if not selected.keys() <= wanted.keys():
        return False
    known = [wanted[name] == group for name, group in selected.items() if wanted[name] is not None]
    if not all(known):
        return False
    return True if len(known) == len(selected) else None


def block(selected: Mapping[str, str], directive: str) -> str:
    """The three lines that hold for the selected interpreters, in one."""
    words = (f"{name}={group}" for name, group in selected.items())
    quoted = (f'"{word}"' if " " in word else word for word in words)
    return f"<WSGIInterpreterOptions {' '.join(quoted)}> {directive} </WSGIInterpreterOptions>"
