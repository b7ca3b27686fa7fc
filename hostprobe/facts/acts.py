"""What a Python source file does, as far as its text tells: calls, environment, bindings."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """A value that only the running program knows."""


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class FilePath:
    """A path made from `__file__`."""

    path: str
    """Relative to the directory of the source file: "." is that directory, "../data" beside it,
    "./__file__" the source file itself."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: something imported, a builtin, or something of this file."""

    name: str
    """Dotted, through imports and aliases: "sys.stderr", "signal.SIGTERM"; "sqlite3.connect()" is
    what a call returned; a relative import keeps its dots (".models.Order")."""

    is_own: bool = False
    """Defined in this file: a function, a class, or what a call of it returned."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list, tuple or set that is written out."""

    kind: str
    """"list", "tuple" or "set"."""

    items: tuple["Value", ...]
    """A comprehension, or one too long to keep, is one Unknown."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A dictionary that is written out."""

    entries: tuple[tuple["Value", "Value"], ...]
    """Key and value in order; `**other` has Unknown for both, so has one too long to keep."""


Value = str | int | float | bool | None | Unknown | FilePath | Named | Items | Entries
"""A constant, or the nearest that the text tells of it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when something is done; `if __name__ == "__main__"` is not, and not recorded."""

    line: int
    function: str = ""
    """"f", "Class.method", "f.<lambda>"; "" outside of functions."""

    at_import: bool = True
    """It runs when the file is imported: outside of functions, or in one that is called there."""

    is_conditional: bool = False
    """Under a condition, in a loop or in the handler of an exception: it may not run."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a function that hostprobe knows (parse/python_watched.py)."""

    name: str
    """"time.tzset", "open", "sys.stdout.write", "sqlite3.connect().create_function"; "?.isatty" is
    a method of something unknown; "pathlib.Path.open" has the path as its first argument;
    "os.environ.__getitem__" is `os.environ[...]`."""

    args: tuple[Value, ...]
    """Positional; `*args` is one Unknown."""

    keywords: tuple[tuple[str, Value], ...]
    """By name; `**options` has the name "**"."""

    place: Place


@dataclass(frozen=True, slots=True)
class EnvironmentChange:
    """One change of os.environ or of the process's environment by putenv."""

    kind: str
    """"set"; "default" (only where it is not set yet: setdefault, `if "X" not in os.environ`);
    "delete"."""

    variable: str | None
    """None: only the running program knows which."""

    value: Value
    """None when deleted."""

    place: Place


@dataclass(frozen=True, slots=True)
class Store:
    """An assignment to an attribute or an item of something imported: `sys.stdout = ...`."""

    name: str
    """Dotted: "sys.stdout", "logging.Formatter.converter"."""

    key: Value
    """Of an item; Unknown for an attribute."""

    value: Value
    place: Place


@dataclass(frozen=True, slots=True)
class Use:
    """A mention of a stream or of the environment that is no call."""

    name: str
    """"sys.stdin", "sys.stdout"."""

    place: Place


@dataclass(frozen=True, slots=True)
class Binding:
    """A name that is bound outside of functions and classes: a setting, or state."""

    name: str
    value: Value
    line: int
    is_conditional: bool = False


@dataclass(frozen=True, slots=True)
class StateChange:
    """A function changes what a name of the module is bound to."""

    name: str
    how: str
    """"global" (bound anew), "item", "attribute", or the method's name: "append"."""

    place: Place


@dataclass(frozen=True, slots=True)
class Defined:
    """A function or class."""

    name: str
    """"f", "Class", "Class.method"."""

    is_class: bool
    line: int
    decorators: tuple[str, ...] = ()
    """As Named tells ("flask.Flask().before_request"), without their arguments; else as written."""

    bases: tuple[str, ...] = ()
    """Of a class, likewise."""


@dataclass(frozen=True, slots=True)
class Acts:
    """Everything of one file, in the order of the text, functions after what runs at import."""

    calls: tuple[Call, ...] = ()
    environment: tuple[EnvironmentChange, ...] = ()
    stores: tuple[Store, ...] = ()
    uses: tuple[Use, ...] = ()
    bindings: tuple[Binding, ...] = ()
    changes: tuple[StateChange, ...] = ()
    defined: tuple[Defined, ...] = ()
    is_complete: bool = True
    """False: the file is too large for a tree, or does more than is kept."""


NO_ACTS = Acts()
