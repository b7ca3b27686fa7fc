"""Shell files that only assign variables: Debian's envvars, /etc/sysconfig/httpd.

A reader of the plain part of sh(1): assignments, export, unset, quotes, ${X}. What only a shell
could know (tests, command substitutions, other files) is listed as unread, never run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.httpd import EnvironmentFile

TOKEN = re.compile(
    r"""(?P<blank>[ \t\r]+|\#[^\n]*)
    |(?P<end>[;\n])
    |(?P<word>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|`[^`]*`|\$\([^()\n]*\)|\$\{[^}\n]{0,200}\}
       |[^\s;"'\\`])+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
NAME = re.compile(r"[A-Za-z_]\w*")
PIECE = re.compile(
    r"""\$(?P<name>[A-Za-z_]\w*)
    |\$\{(?P<braced>[A-Za-z_]\w*(?::?-[^${}`"'\\]*)?)\}
    |(?P<run>`|\$\(|\$\{)
    |\\(?P<escaped>.)
    |(?P<text>.)""",
    re.VERBOSE | re.DOTALL,
)
QUOTED = re.compile(r""""(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'""", re.DOTALL)
OPENERS = {"if": "fi", "case": "esac", "for": "done", "while": "done", "until": "done", "{": "}"}
MOST_STATEMENTS = 20_000


@dataclass(slots=True)
class Statements:
    """What was understood so far."""

    assignments: list[tuple[str, str, bool]] = field(default_factory=list)
    unset: list[str] = field(default_factory=list)
    unread: list[tuple[int, str]] = field(default_factory=list)


def parse_environment_file(data: bytes) -> EnvironmentFile:
    """Assignments in order; everything between `if` and `fi` and the like counts as unread."""
    text = data.decode("utf-8", "surrogateescape").replace("\\\n", "")
    found = Statements()
    closing: list[str] = []
    for line, words in statements(text):
        opener = "{" if words[-1] == "{" else words[0]
        if opener in OPENERS:
            closing.append(OPENERS[opener])
        if closing or not is_understood(words, found):
            found.unread.append((line, words[0].partition("=")[0]))
        if closing and words[0] == closing[-1]:
            closing.pop()
    return EnvironmentFile(tuple(found.assignments), tuple(found.unset), tuple(found.unread))


def statements(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, words as written) of every command; `&&` and `||` keep a command together."""
    line = first = 1
    words: list[str] = []
    count = 0
    for token in TOKEN.finditer(text):
        if token["end"] and words:
            yield first, words
            words = []
            count += 1
            if count >= MOST_STATEMENTS:
                return
        elif token["word"] or token["other"]:
            first = first if words else line
            words.append(token[0])
        line += token[0].count("\n")
    if words:
        yield first, words


def is_understood(words: list[str], found: Statements) -> bool:
    """Note one simple command in `found`; False when only a shell could say what it does."""
    command, rest = words[0], [word for word in words[1:] if word != "-p"]
    if command == "unset":
        found.unset.extend(word for word in rest if NAME.fullmatch(word))
    elif command == "export":
        return assign(
            [f"{word}=${{{word}}}" if NAME.fullmatch(word) else word for word in rest],
            found,
            is_exported=True,
        )
    elif command not in {":", "true"}:
        return assign(words, found, is_exported=False)
    return True


def assign(words: list[str], found: Statements, *, is_exported: bool) -> bool:
    """`NAME=value ...`; nothing is noted when one of the words is something else."""
    assigned = []
    for word in words:
        match = ASSIGNMENT.fullmatch(word)
        value = None if match is None else plain_value(match[2])
        if match is None or value is None:
            return False
        assigned.append((match[1], value, is_exported))
    found.assignments.extend(assigned)
    return True


def plain_value(text: str) -> str | None:
    """A word without its quotes, in the form of `EnvironmentFile`; None for a substitution."""
    parts: list[str | None] = []
    position = 0
    for match in QUOTED.finditer(text):
        parts.append(resolved(text[position : match.start()], escapes=None))
        if match["single"] is not None:
            parts.append(match["single"].replace("$", "$$"))
        else:
            parts.append(resolved(match["double"], escapes='$`"\\'))
        position = match.end()
    parts.append(resolved(text[position:], escapes=None))
    known = [part for part in parts if part is not None]
    return "".join(known) if len(known) == len(parts) else None


def resolved(text: str, escapes: str | None) -> str | None:
    """References as ${X}, a plain dollar sign as $$, backslashes taken from `escapes` or all."""
    parts = []
    for match in PIECE.finditer(text):
        if match["run"]:
            return None
        name = match["name"] or match["braced"]
        if name:
            parts.append(f"${{{name}}}")
            continue
        escaped = match["escaped"]
        kept = match[0] if escaped and escapes and escaped not in escapes else escaped or match[0]
        parts.append(kept.replace("$", "$$"))
    return "".join(parts)
