"""Words of a configuration line (ap_getword_conf, server/util.c)."""

import re

SPACE = " \t\n\v\f\r"

WORD = re.compile(
    r"""[ \t\n\v\f\r]*(?:
      "(?P<double>(?:[^"\\]|\\["\\]|\\(?!["\\]))*)"?
    | '(?P<single>(?:[^'\\]|\\['\\]|\\(?!['\\]))*)'?
    | (?P<plain>[^ \t\n\v\f\r]+)
    )[ \t\n\v\f\r]*""",
    re.VERBOSE,
)
"""One word with the blanks around it; a quoted word ends at its quote, blank or not."""

ESCAPE = {
    "double": re.compile(r'\\(["\\])'),
    "single": re.compile(r"\\(['\\])"),
    "plain": re.compile(r"\\(\\)"),
}
"""Kind of word -> what its backslash escapes; before anything else it is a character."""


def first_word(text: str) -> tuple[str, str]:
    """The first word and the rest behind its blanks; ("", "") for a blank text."""
    match = WORD.match(text)
    return ("", "") if match is None else (unescaped(match), text[match.end() :])


def split_off(text: str) -> tuple[str, str]:
    """The same as `first_word`; quick for a directive or section without anything unusual."""
    word, _, rest = text.partition(" ")
    if word.isalnum() or (word[:1] == "<" and word[1:].isalnum()):
        return word, rest.lstrip(SPACE)
    return first_word(text)


def words(text: str) -> tuple[str, ...]:
    """All words; an empty pair of quotes is an empty word."""
    if is_plain(text):
        return tuple(text.split())
    return tuple([unescaped(match) for match in WORD.finditer(text)])


def is_plain(text: str) -> bool:
    """No quotes, escapes or unusual blanks: str.split is the same as httpd's rule."""
    return (
        '"' not in text
        and "\\" not in text
        and "'" not in text
        and text.isascii()
        and text.isprintable()
    )


def unescaped(match: re.Match[str]) -> str:
    """The word's characters."""
    kind = match.lastgroup or "plain"
    word = match[kind]
    return ESCAPE[kind].sub(r"\1", word) if "\\" in word else word


NUMBER = re.compile(r"[ \t\n\v\f\r]*([+-]?[0-9]{1,18})")


def leading_number(text: str) -> int:
    """The number that a text begins with, 0 without one, as atoi(3)."""
    match = NUMBER.match(text)
    return int(match[1]) if match else 0
