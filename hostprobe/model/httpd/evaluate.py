"""httpd's configuration as httpd itself would read it (server/config.c, server/core.c).

What httpd executes while reading (EXEC_ON_READ) is done here in the same order: modules, defines,
includes, conditions, macros. Everything else becomes a `Directive`. Where httpd would stop, the
problem is noted as fatal and reading goes on.
"""

from collections.abc import Callable, Iterator
from stat import S_ISREG

from hostprobe.facts.files import Files, Missing, Stat, is_directory
from hostprobe.facts.httpd import (
    ConfigFile,
    ConfigLine,
    Configuration,
    Directive,
    Fault,
    HttpdBuild,
    HttpdStart,
    ModuleLoad,
    Where,
)
from hostprobe.facts.words import SPACE, first_word, split_off, words
from hostprobe.model.httpd.conditions import ConditionError, Conditions
from hostprobe.model.httpd.include import absolute, find_included
from hostprobe.model.httpd.macro import Macros
from hostprobe.model.httpd.modules import Modules
from hostprobe.model.httpd.reading import NEAR_SECTIONS, Frame, Reading
from hostprobe.model.httpd.variables import Variables

DEEPEST_INCLUDE = 128
"""AP_MAX_INCLUDE_DEPTH."""

CONDITIONS = ("<ifmodule", "<ifdefine", "<ifversion", "<iffile", "<ifdirective", "<ifsection")
OPAQUE = ("<perl", "<luahook", "<luaquickhandler")
"""Sections whose body is a program, not configuration."""

PROGRAMS = frozenset({"perl", "perlloadmodule", "perlconfigrequire"})
"""Directives that run a program which may add others."""


def evaluate(files: Files, start: HttpdStart, build: HttpdBuild | None) -> Configuration:
    """Read everything that `start` would read; `build` is None when the binary is unreadable."""
    return Evaluation(files, start, build).run()


class Evaluation:
    """The state of one reading."""

    def __init__(self, files: Files, start: HttpdStart, build: HttpdBuild | None) -> None:
        self._files = files
        self._start = start
        self._modules = Modules(files, start.binary, build)
        self._variables = Variables(start.defines, start.environment or {})
        self._conditions = Conditions(files, self._modules, self._variables)
        if build is not None and build.version:
            self._conditions.version = build.version
        self._root = start.server_root
        self._reading = Reading()
        self._macros = Macros(self._reading)
        self._loads: list[ModuleLoad] = []
        self._read: dict[str, None] = {}
        self._unread: dict[str, None] = {}
        self._undefined: set[str] = set()
        self._recursion_seen = False
        self._simple: dict[str, str] = {}
        self._first: dict[str, Where] = {}
        self._has_program = False

    def run(self) -> Configuration:
        """-C directives, the configuration file, -c directives."""
        self._run("-C", self._given(self._start.before))
        path = absolute(self._root, self._start.config_file)
        self._run(path, self._lines(path, None))
        self._run("-c", self._given(self._start.after))
        self._report_unknown()
        cut = ("its configuration has too many lines",) if self._reading.is_over else ()
        return Configuration(
            self._start,
            tuple(self._reading.directives),
            tuple(self._loads),
            tuple(self._read),
            tuple(self._reading.problems),
            (*self._unread, *cut),
            self._has_program,
        )

    def _report_unknown(self) -> None:
        """Directives of no loaded module; not known where a program may add some."""
        for key in () if self._has_program else self._modules.unknown(self._first):
            message = f"Invalid command '{key}', misspelled or of a module that is not loaded"
            self._fatal(message, self._first[key])
        for path in self._modules.guessed:
            self._reading.report(f"{path}: module names are guessed, it could not be read", None)

    def _run(self, file: str, lines: Iterator[ConfigLine]) -> None:
        reading = self._reading
        reading.out = reading.directives
        reading.enter(Frame(file, lines, ()))
        while reading.frames:
            if not self._advance(reading.frames[-1]):
                reading.leave()

    def _given(self, directives: tuple[str, ...]) -> Iterator[ConfigLine]:
        for text in (directive.strip(SPACE) for directive in directives):
            if text and text[0] != "#":
                yield ConfigLine(0, 0, text)

    def _lines(self, path: str, where: Where | None) -> Iterator[ConfigLine]:
        """The lines of a file, read when they are needed; `where` includes it."""
        if path == "/dev/null" or self._reading.is_over:
            return
        config = self._files.read(path, ConfigFile)
        if isinstance(config, Missing):
            if self._is_refused(path, config):
                self._reading.report(config.reason, where, fatal=True)
            else:
                self._unknown(config.reason, where)
            return
        self._read[path] = None
        if self._reading.takes(config.lines, path, where):
            yield from config.lines

    def _unknown(self, reason: str, where: Where | None) -> None:
        """Something that httpd may be able to read and hostprobe is not."""
        self._unread[reason] = None
        self._reading.report(reason, where)

    def _is_refused(self, path: str, missing: Missing) -> bool:
        """Whether httpd could not read it either: not there, or not a regular file."""
        stat = self._files.stat(path)
        return missing.not_found or (isinstance(stat, Stat) and not S_ISREG(stat.mode))

    def _advance(self, frame: Frame) -> bool:
        """Read `frame` until another one is on top (True) or it is at its end (False).

        Most lines are directives and sections that are only kept: once known, they do not leave
        this loop.
        """
        reading, simple = self._reading, self._simple
        file, via = frame.file, frame.via
        make = tuple.__new__  # Where() and Directive() would cost a Python call for every line
        for first, last, written in frame.lines:
            text = written
            where = make(Where, (file, first, last, via))
            if "${" in text:
                text = self._resolved(text, where)
            word, _, rest = text.partition(" ")
            name = simple.get(word)
            if name is None:
                self._line(written, text, where)
                if reading.frames[-1] is not frame:
                    return True
            elif name[0] == "<":
                reading.open(name, rest.lstrip(SPACE) or ">", where)
            else:
                reading.out.append(make(Directive, (name, rest.lstrip(SPACE), where, None)))
        return False

    def _line(self, written: str, text: str, where: Where) -> None:
        """A section, or a directive that httpd executes while reading."""
        if text.startswith("</") and self._reading.closes(written, text):
            return
        word, rest = split_off(text)
        if not word:
            return
        if word.startswith("</"):
            self._reading.close(written, word, where)
            return
        name = word.removesuffix(">")
        if name[0:1] == "<" and not rest:
            rest = ">"
        key = name.lower()
        handler = HANDLERS.get(key)
        if handler is not None:
            handler(self, name, rest, where)
        elif key.startswith(OPAQUE):
            self.program(name, rest, where)
        else:
            self._keep(name, rest, where)

    def _keep(self, name: str, rest: str, where: Where) -> None:
        """A directive or section for the tree."""
        self._first.setdefault(name.lower(), where)
        if name.startswith("<"):
            self._reading.open(name, rest, where)
        else:
            self._reading.out.append(Directive(name, rest, where))
        if name.removeprefix("<").isalnum():
            self._simple[name] = name

    def _resolved(self, text: str, where: Where) -> str:
        def undefined(name: str) -> None:
            if name not in self._undefined:
                self._undefined.add(name)
                self._reading.report(f"Config variable ${{{name}}} is not defined", where)

        try:
            resolved = self._variables.resolve(text, undefined)
        except ValueError as error:
            self._reading.report(str(error), where)
            return text
        growth = len(resolved) - len(text)
        fits = growth <= 0 or self._reading.takes_text(growth, "a line with its variables", where)
        return resolved if fits else text

    def _fatal(self, message: str, where: Where, fault: Fault | None = None) -> None:
        self._reading.report(message, where, fatal=True, fault=fault)

    def condition(self, name: str, rest: str, where: Where) -> None:
        """<IfModule> and the like: go on, or skip to its end."""
        key = name.lower()
        if key == "<ifversion" and not self._modules.is_loaded("version_module"):
            self._fatal(f"Invalid command '{name}': mod_version is not loaded", where)
        try:
            holds = self._conditions.holds(key, rest, self._root)
        except ConditionError as error:
            self._fatal(str(error), where)
            holds = False
        if holds:
            self._reading.open_condition(name, where)
        else:
            self._skip(name, where)

    def _skip(self, name: str, where: Where) -> None:
        """A condition that does not hold: up to its end, sections in it must nest."""
        nested = [name[1:].lower()]
        while (line := self._reading.next_line()) is not None:
            if line.text[0] not in "<\"'":
                continue
            word, rest = first_word(line.text)
            if word.startswith("</"):
                self._close_skipped(nested, word, line)
            elif word.startswith("<"):
                nested.append((word[1:-1] if not rest and word.endswith(">") else word[1:]).lower())
            if not nested:
                return
        self._fatal(f"Expected </{name[1:]}> before end of configuration", where)

    def _close_skipped(self, nested: list[str], word: str, line: ConfigLine) -> None:
        closing = word[2:-1].lower()
        if closing == nested[-1]:
            nested.pop()
            return
        self._fatal(f"Expected </{nested[-1]}> but saw {word}", self._reading.where(line))
        near = nested[-NEAR_SECTIONS:][::-1]
        if closing in near:
            del nested[len(nested) - 1 - near.index(closing) :]

    def program(self, name: str, _: str, where: Where) -> None:
        """Perl or Lua in the configuration: may add any directive, is never executed here."""
        self._has_program = True
        self._reading.report(f"{name}: a program, not evaluated", where, fault=Fault.PROGRAM)
        if not name.startswith("<"):
            return
        closing = f"</{name[1:].lower()}>"
        while (line := self._reading.next_line()) is not None:
            if line.text.lower() == closing:
                return
        self._fatal(f"{name}> was not closed.", where)

    def error(self, name: str, rest: str, where: Where) -> None:
        """A message that stops httpd; kept as a directive too."""
        self._reading.out.append(Directive(name, rest, where))
        self._fatal(first_word(rest)[0] or "Error directive", where)

    def load_module(self, name: str, rest: str, where: Where) -> None:
        """A dlopen, and the module is known from here on."""
        given = words(rest)
        if len(given) != 2:
            self._fatal(f"{name} takes two arguments", where)
            return
        symbol, file = given
        if self._modules.is_static(symbol):
            self._fatal(f"module {symbol} is built-in and can't be loaded", where)
        elif self._modules.is_loaded(symbol):
            self._reading.report(f"module {symbol} is already loaded, skipping", where)
        else:
            self._modules.add(symbol, self._load(file, symbol, where))

    def load_file(self, name: str, rest: str, where: Where) -> None:
        """A dlopen per argument."""
        given = words(rest)
        if not given:
            self._fatal(f"{name} requires at least one argument", where)
        for file in given:
            self._load(file, None, where)

    def _load(self, file: str, symbol: str | None, where: Where) -> str:
        """Note the dlopen; a name without slash is tried below ServerRoot, then left bare."""
        path = absolute(self._root, file)
        stat = self._files.stat(path)
        if isinstance(stat, Missing):
            if "/" not in file:
                path = file
            elif stat.not_found:
                message = f"Cannot load {file} into server: {path} does not exist"
                self._fatal(message, where, Fault.TOLD)
        self._loads.append(ModuleLoad(path, symbol, where))
        return path

    def define(self, name: str, rest: str, where: Where) -> None:
        """A name, and perhaps a text for ${name}."""
        given = words(rest)
        if len(given) not in {1, 2} or not given[0]:
            self._fatal(f"{name} takes 1-2 arguments", where)
        elif ":" in given[0]:
            self._fatal("Variable name must not contain ':'", where)
        else:
            value = given[1] if len(given) == 2 and given[1] else None
            self._variables.define(given[0], value)

    def undefine(self, name: str, rest: str, where: Where) -> None:
        """Take a Define or -D back."""
        given = words(rest)
        if len(given) != 1:
            self._fatal(f"{name} takes one argument", where)
        elif ":" in given[0]:
            self._fatal("Variable name must not contain ':'", where)
        else:
            self._variables.undefine(given[0])

    def server_root(self, name: str, rest: str, where: Where) -> None:
        """What relative paths are joined to from here on."""
        given = words(rest)
        if len(given) != 1:
            self._fatal(f"{name} takes one argument", where)
            return
        root = absolute(self._root, given[0])
        if is_directory(self._files, root):
            self._root = root
        else:
            self._fatal(f"ServerRoot must be a valid directory: {root}", where)
        self._reading.out.append(Directive(name, rest, where))

    def include(self, name: str, rest: str, where: Where) -> None:
        """Other files are read before the rest of this one."""
        given = words(rest)
        if len(given) != 1 or not given[0]:
            self._fatal(f"{name} takes one argument", where)
            return
        reading, depth = self._reading, self._reading.frames[-1].depth + 1
        if depth > DEEPEST_INCLUDE:
            if not self._recursion_seen:
                message = f"Exceeded maximum include depth of {DEEPEST_INCLUDE}, a recursion"
                self._fatal(message, where)
            self._recursion_seen = True
            return
        path = absolute(self._root, given[0])
        included = find_included(self._files, path, is_optional=name.lower() == "includeoptional")
        for error in included.errors:
            self._fatal(error, where)
        for reason in included.unread:
            self._unknown(reason, where)
        via = (*where.via, str(where))
        for path in reversed(self._not_recursing(included.paths)):
            lines = self._lines(path, where)
            reading.enter(Frame(path, lines, via, depth=depth))

    def _not_recursing(self, paths: list[str]) -> list[str]:
        """After a recursion, where httpd stops, only what would go round again is left out."""
        if not self._recursion_seen:
            return paths
        being_read = {frame.file for frame in self._reading.frames}
        return [path for path in paths if path not in being_read]

    def use(self, _: str, rest: str, where: Where) -> None:
        """The lines of a macro are read next."""
        self._macros.use(rest, where)

    def undefine_macro(self, _: str, rest: str, where: Where) -> None:
        """Forget a macro."""
        self._macros.undefine(rest, where)

    def define_macro(self, name: str, rest: str, where: Where) -> None:
        """A text to be used later."""
        if not self._modules.is_loaded("macro_module"):
            self._fatal(f"Invalid command '{name}': mod_macro is not loaded", where)
        self._macros.define(rest, where)


Handler = Callable[[Evaluation, str, str, Where], None]

HANDLERS: dict[str, Handler] = {
    "loadmodule": Evaluation.load_module,
    "loadfile": Evaluation.load_file,
    "define": Evaluation.define,
    "undefine": Evaluation.undefine,
    "serverroot": Evaluation.server_root,
    "include": Evaluation.include,
    "includeoptional": Evaluation.include,
    "<macro": Evaluation.define_macro,
    "use": Evaluation.use,
    "undefmacro": Evaluation.undefine_macro,
    **dict.fromkeys(PROGRAMS, Evaluation.program),
    "error": Evaluation.error,
    **dict.fromkeys(CONDITIONS, Evaluation.condition),
}
"""Lower-case directive -> what httpd does with it while reading."""
