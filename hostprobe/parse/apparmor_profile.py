"""The language of AppArmor's profiles as far as files are concerned (apparmor.d(5)).

Rules about anything else are passed over. Conditions (`if`) count as fulfilled.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.apparmor import FileRule, Included, Profile, ProfileText
from hostprobe.parse.error import ParseError

TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#(?!include\b)[^\n]*)
    |(?P<end>\n)
    |(?P<comma>,)
    |(?P<open>\{(?=\s|$))
    |(?P<close>\})
    |(?P<word>(?:"(?:[^"\\\n]|\\.)*"
        |\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}|\([^()\n]*\)|\[[^\]\n]{0,256}\]|\\.
        |[^\s,{}"()\[\]\\])+)
    |(?P<other>.)""",
    re.VERBOSE,
)
MAX_DEPTH = 8
QUALIFIERS = frozenset({"audit", "allow", "deny", "owner", "other", "quiet", "file"})
MODES = re.compile(r"[rwalkmxpcuPCUi]+")
PATH = re.compile(r'"?(/|@\{)')
VARIABLE = re.compile(r"(@\{\w+\})(\+?=)(.*)", re.DOTALL)
FLAGS = re.compile(r"(?:flags=)?\(([^)]*)\)")


@dataclass(slots=True)
class Block:
    """What was read of a profile, or of a file outside of profiles."""

    words: tuple[str, ...] = ()
    rules: list[FileRule | Included] = field(default_factory=list)
    inner: list[Profile] = field(default_factory=list)
    variables: list[tuple[str, tuple[str, ...], bool]] = field(default_factory=list)
    allows_all: bool = False

    def rule(self, words: list[str]) -> None:
        """A statement that a comma ends."""
        if words[:1] == ["file"] and not words[1:]:
            self.allows_all = True
        elif found := file_rule(words):
            self.rules.append(found)

    def line(self, words: list[str]) -> bool:
        """A statement that the line's end ends; False when it goes on."""
        if words[0] in {"include", "#include"}:
            self.rules += included(words)
            return True
        text = "".join(words[:2]) if words[1:2] and "=" in words[1][:2] else words[0]
        found = VARIABLE.fullmatch(text)
        if found:
            rest = words[2:] if text != words[0] else words[1:]
            values = tuple(plain(word) for word in (found[3], *rest) if word)
            self.variables.append((found[1], values, found[2] == "+="))
        return found is not None

    def profile(self) -> Profile:
        """The profile that the words before its brace name."""
        names = [word for word in self.words if word != "profile" and not FLAGS.fullmatch(word)]
        names = [plain(word) for word in names if word not in {"hat", "flags", "="}] or [""]
        flags = [match[1] for word in self.words if (match := FLAGS.fullmatch(word))]
        attachment = next((name for name in names if PATH.match(name)), None)
        return Profile(
            name=names[0].removeprefix("^"),
            attachment=attachment,
            flags=tuple(re.findall(r"\w+", flags[0])) if flags else (),
            rules=tuple(self.rules),
            inner=tuple(self.inner),
            allows_all=self.allows_all,
        )


def parse_profile_text(data: bytes) -> ProfileText:
    """A whole file; ParseError for braces that do not fit."""
    reading = _Reading()
    for kind, text in tokens(data.decode("utf-8", "surrogateescape")):
        reading.token(kind, text)
    top, *others = reading.blocks
    if others:
        raise ParseError("a profile without its closing brace")
    return ProfileText(tuple(top.inner), tuple(top.rules), tuple(top.variables), top.allows_all)


class _Reading:
    """The blocks that are open, the innermost last, and the statement that was begun."""

    def __init__(self) -> None:
        self.blocks = [Block()]
        self._words: list[str] = []

    def token(self, kind: str, text: str) -> None:
        if kind == "word":
            self._words.append(text)
            return
        if kind == "open":
            self._open()
        elif kind == "close":
            self._close()
        elif kind == "comma":
            self.blocks[-1].rule(self._words)
        elif not self._words or not self.blocks[-1].line(self._words):
            return
        self._words = []

    def _open(self) -> None:
        if len(self.blocks) > MAX_DEPTH:
            raise ParseError("profiles inside profiles without end")
        self.blocks.append(Block(tuple(self._words)))

    def _close(self) -> None:
        if len(self.blocks) == 1:
            raise ParseError("a closing brace without an opening one")
        done = self.blocks.pop()
        close(self.blocks[-1], done)


def close(outer: Block, done: Block) -> None:
    """A condition's rules are those of the block around it."""
    if done.words[:1] in {("if",), ("else",)}:
        outer.rules += done.rules
        outer.inner += done.inner
        outer.allows_all |= done.allows_all
    else:
        outer.inner.append(done.profile())


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text; blanks and comments left out."""
    for match in TOKEN.finditer(text):
        kind = match.lastgroup or ""
        if kind not in {"space", "other"}:
            yield kind, match[0]


def included(words: list[str]) -> Iterator[Included]:
    """The file that a line includes."""
    for word in words[1:]:
        if word not in {"if", "exists"}:
            yield Included(word.strip('<>"'))
            return


def file_rule(words: list[str]) -> FileRule | None:
    """`[deny] PATTERN MODES [-> ...]` or `MODES PATTERN`; None for any other rule."""
    rest = list(words)
    qualifiers = set()
    while rest and rest[0] in QUALIFIERS:
        qualifiers.add(rest.pop(0))
    rest = rest[: rest.index("->")] if "->" in rest else rest
    if len(rest) != 2:
        return None
    pattern, modes = rest if PATH.match(rest[0]) else rest[::-1]
    if not PATH.match(pattern) or not MODES.fullmatch(modes):
        return None
    return FileRule(plain(pattern), modes, "deny" in qualifiers)


def plain(word: str) -> str:
    """Without quotes; an escaped quote is one."""
    return word[1:-1].replace('\\"', '"') if word[:1] == '"' == word[-1:] and word[1:] else word
