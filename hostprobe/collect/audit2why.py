"""Python's own binding of SELinux: it answers where libsepol does not export the questions.

Only its extension audit2why is loaded, which holds a libsepol of its own. The distribution has it
for its own Python; the package `selinux` of PyPI has none and is never imported: it would run the
system's Python, or raise.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

from hostprobe.facts.selinux import Answer, Question, Verdict

NAME = "audit2why"
DISTRIBUTION = (
    "/usr/lib/python3/dist-packages",
    "/usr/lib64/python{0}.{1}/site-packages",
    "/usr/lib/python{0}.{1}/site-packages",
)
"""Where Debian, Fedora and RHEL have the packages of their Python X.Y."""

ANSWERS = (
    ("ALLOW", Answer.ALLOWED),
    ("DONTAUDIT", Answer.RULE),
    ("TERULE", Answer.RULE),
    ("BOOLEAN", Answer.RULE),
    ("CONSTRAINT", Answer.CONSTRAINT),
    ("RBAC", Answer.ROLE),
    ("BOUNDS", Answer.BOUNDS),
)
"""Constants of audit2why; any other number is about the question."""


class BindingError(Exception):
    """There is none for this Python, or it refuses the policy."""


class Binding:
    """One policy, asked through audit2why."""

    def __init__(self, image: bytes, places: Iterable[str] | None = None) -> None:
        path = find_binding(usual_places() if places is None else places)
        if path is None:
            raise BindingError("there is no Python binding of SELinux for this Python")
        self._module = load(path)
        self._answers = {getattr(self._module, name): answer for name, answer in ANSWERS}
        self._file = os.memfd_create("policy")
        with os.fdopen(os.dup(self._file), "wb") as file:
            file.write(image)
        self._module.finish()  # a process has one policy; without any this does nothing
        try:
            self._module.init(f"/proc/self/fd/{self._file}")
        except (OSError, RuntimeError, ValueError, SystemError) as error:
            raise BindingError("not a policy that Python's binding reads") from error

    def verdicts(self, questions: Sequence[Question], *, thorough: bool) -> list[Verdict]:
        """As those of `sepol.Policy`."""
        return [self._verdict(one, thorough=thorough) for one in questions]

    def booleans(self) -> dict[str, bool]:
        """The binding does not tell them."""
        raise BindingError("libsepol 3.4 is needed to read the booleans of a policy file")

    def _verdict(self, one: Question, *, thorough: bool) -> Verdict:
        try:
            code, detail = self._module.analyze(
                one.source, one.target, one.kind, list(one.permissions)
            )
        except (RuntimeError, SystemError, ValueError):
            return Verdict(Answer.UNKNOWN)
        answer = self._answers.get(code, Answer.UNKNOWN)
        if code != self._module.BOOLEAN:
            return Verdict(answer)
        return Verdict(answer, helping(one, [name for name, _ in detail], thorough=thorough))


def helping(one: Question, names: Iterable[str], *, thorough: bool) -> tuple[str, ...]:
    """Of the booleans that would allow it: the first hint, else httpd's own, else all."""
    known = set(names)
    for hint in one.hints:
        if hint in known:
            return (hint,)
    if not thorough:
        return ()
    return tuple(sorted(name for name in known if "httpd" in name) or sorted(known))


def usual_places() -> tuple[str, ...]:
    """Beside this interpreter's packages, then where distributions have theirs."""
    version = sys.version_info
    rest = (place.format(version.major, version.minor) for place in DISTRIBUTION)
    return tuple(dict.fromkeys((*filter(os.path.isabs, sys.path), *rest)))


def find_binding(places: Iterable[str]) -> str | None:
    """Its file for this very Python; a package without it is another one of that name."""
    for place in places:
        for suffix in EXTENSION_SUFFIXES:
            path = os.path.join(place, "selinux", NAME + suffix)  # noqa: PTH118
            if os.path.isfile(path):  # noqa: PTH113
                return path
    return None


def load(path: str) -> Any:
    """The extension alone, without the package around it; BindingError where it does not load."""
    spec = spec_from_file_location(NAME, path)
    if spec is None or spec.loader is None:
        raise BindingError(f"{path}: no Python extension")
    try:
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
    except ImportError as error:
        raise BindingError(f"{path}: {error}") from error
    return module
