"""`Define`, -D and ${X} (ap_resolve_env, set_define and unset_define, server/core.c)."""

from collections.abc import Callable, Iterable, Mapping

LONGEST_TEXT = 1 << 20
"""hostprobe's own limit of what the variables of one line may add."""


class Variables:
    """What is defined at one point of the reading."""

    def __init__(self, defines: Iterable[str], environment: Mapping[str, str]) -> None:
        self._names = set(defines)
        self._values: dict[str, str] = {}
        self._environment = environment

    def define(self, name: str, value: str | None) -> None:
        """Make `name` true for <IfDefine>, and ${name} a text if there is a value."""
        self._names.add(name)
        if value is not None:
            self._values[name.lower()] = value

    def undefine(self, name: str) -> None:
        """Forget the name and its value; the environment stays."""
        self._names.discard(name)
        self._values.pop(name.lower(), None)

    def is_defined(self, name: str) -> bool:
        """What <IfDefine name> asks: case matters, the environment does not count."""
        return name in self._names

    def resolve(self, text: str, undefined: Callable[[str], None]) -> str:
        """Replace every ${X} once; unknown ones stay and are told to `undefined`.

        Defined names are compared without case (they live in an APR table), those of the
        environment with it. Raises ValueError when the result is too long.
        """
        parts, position, length = [], 0, 0
        while (begin := text.find("${", position)) >= 0:
            end = text.find("}", begin)
            if end < 0:
                break
            parts += [text[position:begin], self._value(text[begin + 2 : end], undefined)]
            position = end + 1
            length += len(parts[-1])
            if length > LONGEST_TEXT:
                raise ValueError(f"longer than {LONGEST_TEXT} characters with its variables")
        return "".join([*parts, text[position:]])

    def _value(self, name: str, undefined: Callable[[str], None]) -> str:
        found = self._values.get(name.lower())
        if found is None:
            found = self._environment.get(name)
        if found is None and ":" not in name:
            undefined(name)
        return f"${{{name}}}" if found is None else found
