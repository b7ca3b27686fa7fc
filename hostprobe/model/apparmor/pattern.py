"""AppArmor's patterns as regular expressions (parser_regex.c, convert_aaregex_to_pcre)."""

import re
from collections.abc import Mapping

VARIABLE = re.compile(r"@\{\w+\}")
SPECIAL = re.compile(
    r"\\(.)|(?<=/)(\*\*?)(?=/|$)|(\*\*)|(\*)|(\?)|(\[[^\]]{0,256}\])|([{},])|(.)", re.DOTALL
)
SETS, ESCAPED = re.compile(r"([\[\\&~|]|(?<=-)-)"), r"\\\1"
"""What Python's sets of characters may take for more than a character, and how it is written."""

MAX_VARIABLES = 100
MAX_LENGTH = 20_000
"""Characters of a pattern with its variables put in."""


def expanded(pattern: str, variables: Mapping[str, tuple[str, ...]]) -> str:
    """With the values of variables, which may hold others; several are an alternation."""
    for _ in range(MAX_VARIABLES):
        found = VARIABLE.search(pattern)
        if found is None or len(pattern) > MAX_LENGTH:
            break
        values = variables.get(found[0], ())
        if pattern[found.end() :].startswith("/"):
            values = tuple(value.rstrip("/") for value in values)
        text = values[0] if len(values) == 1 else f"{{{','.join(values)}}}" if values else "\0"
        pattern = f"{pattern[: found.start()]}{text}{pattern[found.end() :]}"
    return re.sub("/{2,}", "/", pattern)


def expression(pattern: str) -> re.Pattern[str] | None:
    """What matches the same paths; None for a pattern that is none."""
    if len(pattern) > MAX_LENGTH:
        return None
    depth, parts = 0, []
    for match in SPECIAL.finditer(pattern):
        text, depth = translated(match, depth)
        parts.append(text)
    try:
        return re.compile("".join(parts), re.DOTALL)
    except (re.error, OverflowError, RecursionError):
        return None


def translated(match: re.Match[str], depth: int) -> tuple[str, int]:
    """One piece, and how many alternations are open behind it."""
    escaped, whole, double, single, any_one, letters, brace, other = match.groups()
    if whole:  # a whole component is never empty
        return "[^/][^/]*" if whole == "*" else "[^/].*", depth
    if letters:
        return f"[{SETS.sub(ESCAPED, letters[1:-1])}]", depth
    if brace == "{":
        return "(?:", depth + 1
    if brace and depth:
        return ("|", depth) if brace == "," else (")", depth - 1)
    fixed = ".*" if double else "[^/]*" if single else "[^/]" if any_one else None
    return fixed or re.escape(escaped or brace or other), depth
