"""The stack of files and macro bodies that are being read, and the tree they grow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hostprobe.facts.httpd import ConfigLine, Directive, Fault, Problem, Where

MOST_PROBLEMS = 1_000
MOST_LINES = 1_000_000
"""hostprobe's own limits; reaching one is a problem, not an error."""

DEEPEST_SECTION = 50
"""Sections in each other; whoever walks the tree may use recursion."""

NEAR_SECTIONS = 200
"""How many open sections are looked at for the one that a wrong end means."""

LINES_OF_A_FILE = 10
"""What a file or macro costs at least in the count of lines."""

TEXT_OF_A_LINE = 100
"""Characters that cost as much as a line; longer lines count for several."""


@dataclass(slots=True)
class Section:
    """An open section; without `children` a condition that holds and will dissolve."""

    name: str
    """As written, without the closing bracket."""

    raw: str
    where: Where
    closing: str
    """The line that ends it, lower case."""

    outer: list[Directive]
    """Where directives went before it."""

    children: list[Directive] | None = None


@dataclass(slots=True)
class Frame:
    """A configuration file or the body of a macro, as far as it is not read yet."""

    file: str
    lines: Iterator[ConfigLine]
    via: tuple[str, ...]
    sections: list[Section] = field(default_factory=list)
    """Open sections; a macro body shares those of the file that uses it."""

    macro: str | None = None
    """Name of the macro; None for a file."""

    depth: int = 0
    """How many Includes deep."""


class Reading:
    """Frames, the innermost last; directives in httpd's order."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.directives: list[Directive] = []
        self.out = self.directives
        self.problems: list[Problem] = []
        self._cost = self._depth = 0
        self.is_over = False
        """The limit is reached: nothing more is read."""

    def report(
        self,
        message: str,
        where: Where | None,
        *,
        fatal: bool = False,
        fault: Fault | None = None,
    ) -> None:
        """Note a problem; after a thousand only the fact that there are more."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(message, where, fatal, fault))
        elif len(self.problems) == MOST_PROBLEMS:
            self.problems.append(Problem("more problems, not listed", where, fatal))

    def takes(self, lines: Sequence[ConfigLine], what: str, where: Where | None) -> bool:
        """Whether these more lines, those of `what`, are within the limit."""
        self._cost += (len(lines) + LINES_OF_A_FILE) * TEXT_OF_A_LINE
        return self.takes_text(sum([len(line.text) for line in lines]), what, where)

    def takes_text(self, length: int, what: str, where: Where | None) -> bool:
        """Whether so many more characters, those of `what`, are within the limit."""
        self._cost += length
        if self._cost <= MOST_LINES * TEXT_OF_A_LINE:
            return True
        if not self.is_over:
            self.report(f"{what}: left out, more than {MOST_LINES} lines in all", where)
        self.is_over = True
        return False

    def where(self, line: ConfigLine) -> Where:
        """Where a line of the innermost frame stands."""
        frame = self.frames[-1]
        return Where(frame.file, line.first, line.last, frame.via)

    def enter(self, frame: Frame) -> None:
        """Read `frame` before the rest of what is being read."""
        self.frames.append(frame)

    def leave(self) -> None:
        """The innermost frame is at its end; a file closes what it opened."""
        frame = self.frames.pop()
        if frame.macro is not None:
            return
        is_in_condition = False
        for section in frame.sections:
            is_in_condition = is_in_condition or section.children is None
            # httpd does not look at what a condition left open at the end of the file
            note = "; httpd accepts it" if is_in_condition else ""
            message = f"{section.name}> was not closed{note}"
            self.report(message, section.where, fatal=not is_in_condition)
        while frame.sections:
            self._fold(frame)

    def next_line(self) -> ConfigLine | None:
        """The next line of the file being read, macro bodies included; None at its end."""
        while True:
            frame = self.frames[-1]
            for line in frame.lines:
                return line
            if frame.macro is None:
                return None
            self.frames.pop()

    def open(self, name: str, raw: str, where: Where) -> None:
        """A section that stays; of one that is too deep in others only the content does."""
        if self._depth >= DEEPEST_SECTION:
            message = f"{name}> is over {DEEPEST_SECTION} sections deep, only its content is kept"
            self.report(message, where)
            self.open_condition(name, where)
            return
        children: list[Directive] = []
        self.frames[-1].sections.append(
            Section(name, raw, where, closing(name), self.out, children)
        )
        self.out = children
        self._depth += 1

    def open_condition(self, name: str, where: Where) -> None:
        """A condition that holds: its content goes where it stands."""
        self.frames[-1].sections.append(Section(name, "", where, closing(name), self.out))

    def closes(self, written: str, text: str) -> bool:
        """Close the innermost section if the whole line is its end, before and after ${}."""
        frame = self.frames[-1]
        if not frame.sections or written is not text:
            return False
        if text.lower() != frame.sections[-1].closing:
            return False
        self._fold(frame)
        return True

    def close(self, written: str, word: str, where: Where) -> None:
        """`</name>`: `written` is the whole line, `word` its first word after ${}."""
        frame = self.frames[-1]
        top = frame.sections[-1] if frame.sections else None
        ending = (written if top and top.children is None else word).lower()
        if top and ending == top.closing:
            self._fold(frame)
            return
        if not word.endswith(">"):
            self.report(f"{word}> directive missing closing '>'", where, fatal=True)
        elif top is None or top.children is None:
            self.report(f"{word} without matching <{word[2:-1]} section", where, fatal=True)
        else:
            self.report(f"Expected {top.closing} but saw {word}", where, fatal=True)
        near = frame.sections[-NEAR_SECTIONS:]
        if any(section.closing == ending for section in near):
            while frame.sections[-1].closing != ending:
                self._fold(frame)
            self._fold(frame)

    def _fold(self, frame: Frame) -> None:
        """Close the innermost section of `frame`."""
        section = frame.sections.pop()
        if section.children is None:
            return
        self.out = section.outer
        kept = tuple(section.children)
        self.out.append(Directive(section.name, section.raw, section.where, kept))
        self._depth -= 1


def closing(name: str) -> str:
    """The line that ends the section `<name`, lower case."""
    return f"</{name[1:].lower()}>"
