"""File name patterns of Include, <Directory> and <Files> (apr_fnmatch, APR strings)."""

import re
from collections.abc import Iterable
from functools import lru_cache


def is_pattern(text: str) -> bool:
    """apr_fnmatch_test: `*`, `?` or a closed bracket; a backslash hides what follows it."""
    is_open = False
    characters = iter(text)
    for character in characters:
        if character in "*?" or (character == "]" and is_open):
            return True
        if character == "\\":
            next(characters, None)
        is_open = is_open or character == "["
    return False


def matches(pattern: str, names: Iterable[str]) -> list[str]:
    """The names that match; a leading dot only where the pattern says it (APR_FNM_PERIOD)."""
    accepts = compiled(pattern).fullmatch
    takes_hidden = pattern.startswith((".", "\\."))
    return [name for name in names if accepts(name) and (takes_hidden or name[:1] != ".")]


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression that never backtracks over a star."""
    pieces = [""]
    position = 0
    while position < len(pattern):
        element, position = next_element(pattern, position)
        if element == "*":
            pieces.append("")
        else:
            pieces[-1] += element
    if len(pieces) == 1:
        return re.compile(pieces[0], re.DOTALL)
    middle = "".join(f"(?>.*?{piece})" for piece in pieces[1:-1])
    return re.compile(f"{pieces[0]}{middle}.*{pieces[-1]}", re.DOTALL)


def next_element(pattern: str, position: int) -> tuple[str, int]:
    """One element as a regular expression ("*" for a star) and where the next one begins."""
    character, after = pattern[position], position + 1
    if character == "*":
        return "*", after
    if character == "?":
        return ".", after
    if character == "[" and (found := bracket(pattern, after)) is not None:
        return found
    if character == "\\" and after < len(pattern):
        return re.escape(pattern[after]), after + 1
    return re.escape(character), after


def bracket(pattern: str, position: int) -> tuple[str, int] | None:
    """A bracket expression behind its `[`; None when it is not closed: a plain character."""
    is_negated = pattern[position : position + 1] in {"!", "^"}
    start = position = position + is_negated
    members = ""
    while position < len(pattern) and (pattern[position] != "]" or position == start):
        low, position = member(pattern, position)
        if pattern[position : position + 1] == "-" and pattern[position + 1 : position + 2] not in {
            "]",
            "",
        }:
            high, position = member(pattern, position + 1)
            members += f"{re.escape(low)}-{re.escape(high)}" if low <= high else ""
        else:
            members += re.escape(low)
    if position >= len(pattern):
        return None
    if not members:
        return ("." if is_negated else "(?!)"), position + 1
    return f"[{'^' if is_negated else ''}{members}]", position + 1


def member(pattern: str, position: int) -> tuple[str, int]:
    """One character of a bracket, a backslash taken away."""
    if pattern[position] == "\\" and position + 1 < len(pattern):
        position += 1
    return pattern[position], position + 1


def path_matches(pattern: str, path: str) -> bool:
    """apr_fnmatch with APR_FNM_PATHNAME: element by element, no star over a slash."""
    wanted, given = pattern.split("/"), path.split("/")
    return len(wanted) == len(given) and all(
        compiled(one).fullmatch(other) is not None for one, other in zip(wanted, given, strict=True)
    )
