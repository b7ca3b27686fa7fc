"""Python source without secrets: a text stays only where a check needs it."""

from dataclasses import replace

from hostprobe.collect.secret import SECRET, USERINFO
from hostprobe.facts.acts import (
    UNKNOWN,
    Binding,
    Call,
    Entries,
    EnvironmentChange,
    Items,
    Value,
)
from hostprobe.facts.python import PythonSource

VARIABLES = frozenset(
    {
        "DJANGO_CONFIGURATION",
        "DJANGO_SETTINGS_MODULE",
        "HOME",
        "LANG",
        "LANGUAGE",
        "MPLCONFIGDIR",
        "PATH",
        "PYTHON_EGG_CACHE",
        "TRAC_ENV",
        "TRAC_ENV_PARENT_DIR",
        "TZ",
    }
)
SETTINGS = frozenset(
    {
        "LANGUAGE_CODE",
        "MEDIA_ROOT",
        "STATIC_ROOT",
        "TIME_ZONE",
    }
)
ENTRIES = frozenset({"BACKEND", "ENGINE", "NAME", "default"})
"""Keys of dictionaries whose texts stay, and keys below which they may."""

SHOWN_CALLS = ("codecs.", "io.", "locale.", "os.", "pathlib.", "shelve.", "sqlite3.", "tempfile.")
COMMANDS = ("os.exec", "os.popen", "os.posix_spawn", "os.spawn", "os.system")
GETTERS = frozenset({"os.environ.get", "os.getenv"})


def redact_source(source: PythonSource) -> PythonSource:
    """Names, numbers and structure stay; of texts, paths and the settings that checks compare."""
    acts = source.acts
    return replace(
        source,
        acts=replace(
            acts,
            calls=tuple(redact_call(one) for one in acts.calls),
            environment=tuple(redact_change(one) for one in acts.environment),
            stores=tuple(replace(one, value=hidden(one.value)) for one in acts.stores),
            bindings=tuple(redact_binding(one) for one in acts.bindings),
        ),
    )


def redact_call(call: Call) -> Call:
    """Texts of calls that take paths or names; of a default value nothing."""
    is_shown = call.name == "open" or call.name.startswith(SHOWN_CALLS)
    is_shown = is_shown and not call.name.startswith(COMMANDS)
    args = tuple(shown(each) if is_shown else hidden(each) for each in call.args)
    if call.name in GETTERS:
        args = (*args[:1], *map(hidden, args[1:]))
    keywords = tuple(
        (name, shown(value) if is_shown and not SECRET.search(name) else hidden(value))
        for name, value in call.keywords
    )
    return replace(call, args=args, keywords=keywords)


def redact_change(change: EnvironmentChange) -> EnvironmentChange:
    """The values of known variables stay."""
    name = change.variable or ""
    is_shown = name in VARIABLES or name.startswith("LC_")
    return change if is_shown else replace(change, value=hidden(change.value))


def redact_binding(binding: Binding) -> Binding:
    """Known settings stay; of dictionaries in others, known entries."""
    is_shown = binding.name in SETTINGS
    return binding if is_shown else replace(binding, value=hidden(binding.value))


def shown(value: Value) -> Value:
    """A text without the user and password of a URL; collections without texts."""
    if isinstance(value, str):
        return UNKNOWN if SECRET.search(value) and "=" in value else USERINFO.sub(r"\1@", value)
    return hidden(value)


def hidden(value: Value) -> Value:
    """The value without texts."""
    match value:
        case str():
            return UNKNOWN
        case Items(items=items):
            return replace(value, items=tuple(hidden(each) for each in items))
        case Entries(entries=entries):
            return Entries(tuple(redact_entry(key, each) for key, each in entries))
    return value


def redact_entry(key: Value, value: Value) -> tuple[Value, Value]:
    """A text stays below a known key; a key that is not known is hidden with it."""
    if key not in ENTRIES:
        return hidden(key), hidden(value)
    return key, shown(value)
