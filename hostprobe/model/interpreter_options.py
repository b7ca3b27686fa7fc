"""What holds for one interpreter of mod_wsgi 6: directives and <WSGIInterpreterOptions>.

Rules of wsgi_resolve_interpreter_options and wsgi_resolve_free_threading (wsgi_interp.c, 6.1): of
the blocks that select the interpreter the one with most selectors wins, among equal ones the last,
and any of them over the directive outside of blocks.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from hostprobe.facts.httpd import Configuration, Directive

BLOCK = "<wsgiinterpreteroptions"
SELECTORS = ("process-group", "application-group")


class Candidate(NamedTuple):
    """One directive that may decide."""

    selectors: int
    """How many its block has; -1 outside of blocks."""

    position: int
    """Its place in the configuration."""

    is_sure: bool
    """The block selects this interpreter; else only a request tells."""

    directive: Directive


def interpreter_option(
    configuration: Configuration,
    key: str,
    process_group: str | None,
    application_group: str | None,
) -> tuple[Directive, ...]:
    """The directive that decides for an interpreter, `key` its name in lower case.

    Groups as in `Application`: "" is embedded mode and the main interpreter. Nothing where the
    default holds; more than one only where a group is None, decided per request: then each may.
    """
    wanted = dict(zip(SELECTORS, (process_group, application_group), strict=True))
    return decisive(candidates(configuration, key, wanted))


def process_option(
    configuration: Configuration, key: str, process_group: str | None
) -> tuple[Directive, ...]:
    """The same for what holds for a whole process: blocks of an application group do not count."""
    return decisive(candidates(configuration, key, {"process-group": process_group}))


def is_on(directives: tuple[Directive, ...]) -> bool:
    """Whether one of them switches on."""
    return any([word.lower() for word in one.args] == ["on"] for one in directives)


def candidates(
    configuration: Configuration, key: str, wanted: Mapping[str, str | None]
) -> Iterator[Candidate]:
    """Every directive of that name which may hold; those inside virtual hosts are errors."""
    for position, one in enumerate(configuration.directives):
        if one.key == key:
            yield Candidate(-1, position, is_sure=True, directive=one)
        elif one.key == BLOCK:
            selected = selectors(one)
            inside = [child for child in one.children or () if child.key == key]
            verdict = selects(selected, wanted)
            if inside and verdict is not False:
                yield Candidate(len(selected), position, verdict is True, inside[-1])


def decisive(found: Iterator[Candidate]) -> tuple[Directive, ...]:
    """The strongest, and as long as that one is in doubt the next."""
    decided = []
    for one in sorted(found, key=lambda each: each[:2], reverse=True):
        decided.append(one.directive)
        if one.is_sure:
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
