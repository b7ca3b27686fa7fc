"""<Macro> and Use (mod_macro.c): text replaced in the lines of a body, before ${}."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hostprobe.facts.httpd import ConfigLine, Where
from hostprobe.facts.words import first_word, words
from hostprobe.model.httpd.reading import Frame, Reading

LONGEST_LINE = 8191
"""MAX_STRING_LEN without the NUL, bytes: what a body line may hold."""

DEEPEST_MACRO = 256
"""hostprobe's own limit of macros that use each other."""


@dataclass(slots=True)
class Macro:
    """One definition."""

    name: str
    """Lower case."""

    parameters: tuple[str, ...]
    where: Where
    body: list[ConfigLine] = field(default_factory=list)
    """Lines as written, with the line numbers of the file that defines them."""


class Macros:
    """Definitions so far; httpd keeps them for the whole reading, not per section."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._macros: dict[str, Macro] = {}

    def define(self, rest: str, where: Where) -> None:
        """`<Macro name parameters>` and its body."""
        end = rest.rfind(">")
        given = words(rest[:end]) if end >= 0 else ()
        macro = Macro(given[0].lower() if given else "", given[1:], where)
        has_end = self._read_body(macro)
        if not macro.name:
            self._fatal("<Macro> definition: name not found", where)
        elif error := parameter_error(macro):
            self._fatal(error, where)
        elif not has_end:
            self._fatal(f"macro '{macro.name}': expected token not found: </Macro>", where)
        else:
            self._macros[macro.name] = macro

    def use(self, rest: str, where: Where) -> None:
        """`Use name arguments`: the expanded body is read next."""
        given = words(rest)
        macro = self._macros.get(given[0].lower()) if given else None
        if macro is None:
            self._fatal(f"macro '{given[0] if given else ''}' undefined", where)
        elif error := self._use_error(macro, given[1:]):
            self._fatal(error, where)
        else:
            self._enter(macro, given[1:], where)

    def undefine(self, rest: str, where: Where) -> None:
        """`UndefMacro name`."""
        given = words(rest)
        if len(given) != 1 or self._macros.pop(given[0].lower(), None) is None:
            self._fatal(f"cannot remove undefined macro '{' '.join(given)}'", where)

    def _fatal(self, message: str, where: Where) -> None:
        self._reading.report(message, where, fatal=True)

    def _read_body(self, macro: Macro) -> bool:
        """Collect the body; macro definitions in it nest. False without an end."""
        nesting = 1
        while (line := self._reading.next_line()) is not None and len(line.text) <= LONGEST_LINE:
            word = first_word(line.text)[0].lower()
            nesting += (word == "<macro") - (word == "</macro>")
            if not nesting:
                return True
            macro.body.append(line)
        return False

    def _use_error(self, macro: Macro, given: tuple[str, ...]) -> str | None:
        """Why httpd refuses this use: recursion, or another number of arguments."""
        chain: list[str] = []
        for frame in reversed(self._reading.frames):
            if frame.macro is None:
                break
            chain.append(frame.macro)
        if macro.name in chain:
            return f"recursive use of macro '{macro.name}' is invalid"
        if len(chain) >= DEEPEST_MACRO:
            return f"macro '{macro.name}': more than {DEEPEST_MACRO} macros in each other"
        if len(given) != len(macro.parameters):
            wanted = len(macro.parameters)
            return f"macro '{macro.name}' used with {len(given)} arguments instead of {wanted}"
        return None

    def _enter(self, macro: Macro, given: tuple[str, ...], where: Where) -> None:
        if not self._reading.takes(macro.body, f"macro '{macro.name}'", where):
            return
        outer = self._reading.frames[-1]
        via = (*where.via, f"macro {macro.name} used at {where}")
        lines = self._lines(macro, given, where)
        self._reading.enter(
            Frame(macro.where.file, lines, via, outer.sections, macro.name, outer.depth)
        )

    def _lines(self, macro: Macro, given: tuple[str, ...], where: Where) -> Iterator[ConfigLine]:
        try:
            for line in expanded(macro, given):
                if not self._reading.takes_text(len(line.text), f"macro '{macro.name}'", where):
                    return
                yield line
        except ValueError as error:
            self._fatal(str(error), where)


def parameter_error(macro: Macro) -> str | None:
    """Why httpd refuses the parameters (check_macro_arguments)."""
    if "" in macro.parameters:
        return f"macro '{macro.name}': empty argument name"
    if len(set(macro.parameters)) < len(macro.parameters):
        return f"macro '{macro.name}': argument name conflict"
    return None


def expanded(macro: Macro, arguments: tuple[str, ...]) -> Iterator[ConfigLine]:
    """The body with its parameters replaced; raises ValueError for a line that grows too long."""
    if not macro.parameters:
        yield from macro.body
        return
    pattern = re.compile("|".join(map(re.escape, sorted(macro.parameters, key=len, reverse=True))))
    values = dict(zip(macro.parameters, arguments, strict=True))
    for line in macro.body:
        text = substituted(line.text, pattern, values).strip(" \t\n\v\f\r")
        if len(text) > LONGEST_LINE:
            raise ValueError(f"line {line.last} of macro '{macro.name}' is too long when expanded")
        if text and text[0] != "#":
            yield ConfigLine(line.first, line.last, text)


def substituted(text: str, pattern: re.Pattern[str], values: dict[str, str]) -> str:
    """Leftmost, longest parameter first; a replacement is not looked at again."""
    return pattern.sub(lambda match: replacement(match[0], values[match[0]]), text)


def replacement(parameter: str, value: str) -> str:
    """`@name` is put in quotes with escapes, every other parameter is put in as it is."""
    if not parameter.startswith("@") or parameter == value:
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
