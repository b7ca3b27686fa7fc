"""Which locale applications want their process to have."""

VARIABLES = frozenset({"LANG", "LANGUAGE"})


def is_locale_variable(name: str) -> bool:
    """An environment variable that setlocale(3) or gettext(3) looks at."""
    return name in VARIABLES or name.startswith("LC_")
