"""<IfModule>, <IfVersion> and the others that httpd decides while it reads."""

import re

from hostprobe.facts.files import Files, Missing
from hostprobe.facts.words import first_word, words
from hostprobe.model.httpd.include import absolute
from hostprobe.model.httpd.modules import Modules
from hostprobe.model.httpd.variables import Variables

VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?\.?")


class ConditionError(ValueError):
    """httpd refuses the condition; the message says why."""


class Conditions:
    """Answers at one point of the reading."""

    def __init__(self, files: Files, modules: Modules, variables: Variables) -> None:
        self._files = files
        self._modules = modules
        self._variables = variables
        self.version = "2.4.0"
        """Of the httpd binary, for <IfVersion>."""

    def holds(self, key: str, rest: str, server_root: str) -> bool:
        """Whether `<key rest` is true; raises ConditionError."""
        if key == "<ifversion":
            return version_holds(rest, self.version)
        end = rest.rfind(">")
        if end < 0:
            raise ConditionError(f"{key}> directive missing closing '>'")
        is_negated = rest.startswith("!")
        name = first_word(rest[is_negated:end])[0]
        if not name:
            raise ConditionError(f"{key}> directive requires additional arguments")
        return self._asks(key, name, server_root) != is_negated

    def _asks(self, key: str, name: str, server_root: str) -> bool:
        if key == "<ifmodule":
            return self._modules.has(name)
        if key == "<ifdefine":
            return self._variables.is_defined(name)
        if key == "<iffile":
            return not isinstance(self._files.stat(absolute(server_root, name)), Missing)
        return self._modules.has_directive(name if key == "<ifdirective" else f"<{name}")


def version_holds(rest: str, version: str) -> bool:
    """start_ifversion, mod_version.c: `[[!]operator] version` up to the closing bracket."""
    given = words(rest)
    if len(given) > 1 and given[-1] == ">":
        given = given[:-1]
    elif given and given[-1].endswith(">"):
        given = (*given[:-1], given[-1][:-1])
    else:
        raise ConditionError("<IfVersion> directive missing closing '>'")
    if len(given) > 2 or not given[-1]:
        raise ConditionError("<IfVersion> takes one, two or three arguments")
    operator, wanted = given if len(given) == 2 else ("=", given[0])
    is_negated = operator.startswith("!")
    operator = operator[1:] or "!" if is_negated else operator
    return compares(operator, wanted, version) != is_negated


def compares(operator: str, wanted: str, version: str) -> bool:
    """One operator of <IfVersion> without its negation."""
    if operator == "~":
        return searches(wanted, version)
    if operator in {"=", "=="} and wanted.startswith("/"):
        if len(wanted) < 2 or not wanted.endswith("/"):
            raise ConditionError("Missing delimiting / of regular expression.")
        return searches(wanted[1:-1], version)
    if operator not in {"=", "==", "<", "<=", ">", ">="}:
        raise ConditionError(f"unrecognized operator '{operator}'")
    left, right = numbers(version), numbers(wanted)
    if left == right:
        return "=" in operator
    return operator[0] == (">" if left > right else "<")


def numbers(text: str) -> tuple[int, int, int]:
    """major[.minor[.patch]] with zeros for what is left out."""
    match = VERSION.fullmatch(text)
    if match is None or len(text) > 40:
        raise ConditionError(
            "Version appears to be invalid. It must have the format major[.minor[.patch]] where "
            "major, minor and patch are numbers."
        )
    return int(match[1]), int(match[2] or 0), int(match[3] or 0)


def searches(pattern: str, version: str) -> bool:
    """A regular expression anywhere in the version text."""
    try:
        return re.search(pattern[:200], version) is not None
    except (re.error, RecursionError, OverflowError) as error:
        raise ConditionError(f"Unable to compile regular expression: {error}") from error
