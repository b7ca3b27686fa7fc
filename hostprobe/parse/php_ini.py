"""php.ini and the files of its scan directories (Zend/zend_ini_scanner.l, main/php_ini.c)."""

import re

from hostprobe.facts.php import PhpIni

MAX_ENTRIES = 100_000
SECTION = re.compile(r"[ \t]*\[([^\]\n]*)\]")
SPECIAL = re.compile(r"(?:PATH|HOST)=", re.IGNORECASE)
ENTRY = re.compile(r"([^=\n;\"]*)(=[ \t]*)?")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)(?:"|\Z)', re.DOTALL)
RAW = re.compile(r"'([^'\n]*)'")
PLAIN = re.compile(r"[^;\n\"']+")
ESCAPE = re.compile(r'\\(["\\])')
REST = re.compile(r"[^\n]*\n?")
WORDS = dict.fromkeys(("true", "on", "yes"), "1") | dict.fromkeys(
    ("false", "off", "no", "none", "null"), ""
)


def parse_php_ini(data: bytes) -> PhpIni:
    """Entries of the global section; `${X}` stays as written, arrays keep their brackets."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return PhpIni(tuple(_Reader(text).entries()))


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0
        self._line = 1
        self._is_global = True

    def entries(self) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = []
        while self._position < len(self._text) and len(found) < MAX_ENTRIES:
            line = self._line
            entry = self._entry()
            if entry and self._is_global:
                found.append((*entry, line))
            self._take(REST)
        return found

    def _take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._position)
        if match:
            self._position = match.end()
            self._line += match[0].count("\n")
        return match

    def _entry(self) -> tuple[str, str] | None:
        if section := self._take(SECTION):
            self._is_global = SPECIAL.match(section[1].strip("\"' ")) is None
            return None
        entry = self._take(ENTRY)
        if entry is None or not entry[2]:
            return None
        return entry[1].strip(), self._value()

    def _value(self) -> str:
        """Quoted and plain pieces up to the end of the line or a comment."""
        pieces = []
        is_plain = True
        while piece := self._take(QUOTED) or self._take(RAW) or self._take(PLAIN):
            is_quoted = piece.re is not PLAIN
            is_plain = is_plain and not is_quoted
            pieces.append(ESCAPE.sub(r"\1", piece[1]) if is_quoted else piece[0])
        value = "".join(pieces).strip(" \t") if is_plain else "".join(pieces).rstrip(" \t")
        return WORDS.get(value.lower(), value) if is_plain else value
