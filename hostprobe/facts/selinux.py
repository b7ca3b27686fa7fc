"""SELinux as far as files tell: the mode, labels, and what the policy says of an access."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class SelinuxMode:
    """As a running kernel has it, or as /etc/selinux/config asks for at the next start."""

    enforcing: bool
    policy: str = ""
    """SELINUXTYPE: the directory of the policy in /etc/selinux; "" in what the kernel tells."""

    disabled: bool = False
    """SELINUX=disabled."""


@dataclass(frozen=True, slots=True)
class FileLabel:
    """The extended attribute security.selinux of a file or directory."""

    context: str
    """user:role:type[:range]."""


@dataclass(frozen=True, slots=True)
class UsualLabel:
    """What the policy's file_contexts say of a path (selabel_lookup(3))."""

    context: str | None
    """None: the policy gives the path no label, <<none>>."""


@dataclass(frozen=True, slots=True)
class ProcessLabel:
    """/proc/PID/attr/current: a context of SELinux, or a profile of AppArmor with its mode."""

    name: str
    mode: str
    """enforce, complain, unconfined ... of AppArmor; "" of SELinux."""


@dataclass(frozen=True, slots=True)
class SelinuxBoolean:
    """One file of /sys/fs/selinux/booleans."""

    is_on: bool


@dataclass(frozen=True, slots=True)
class PolicyBooleans:
    """Every boolean of a policy file with its state there."""

    states: Mapping[str, bool]


class Answer(IntEnum):
    """What a policy says of an access, as audit2why(1) sorts it."""

    UNKNOWN = 0
    """A context, class or permission that this policy does not have."""

    ALLOWED = 1
    RULE = 2
    """No rule allows it."""

    CONSTRAINT = 3
    """A rule would, a constraint does not: users, levels, categories."""

    ROLE = 4
    """The roles of the two contexts."""

    BOUNDS = 5
    """A type that bounds this one may not."""


@dataclass(frozen=True, slots=True)
class Question:
    """One access: may `source` do this to `target`."""

    source: str
    target: str
    kind: str
    """The object class."""

    permissions: tuple[str, ...]
    hints: tuple[str, ...] = ()
    """Booleans to try first, the narrowest first: trying one costs a load of the policy."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The policy's answer to one question."""

    answer: Answer
    booleans: tuple[str, ...] = ()
    """Booleans that are off and each of which would allow it: the first hint that does, else all
    of httpd's, else all others."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Answers in the order of the questions."""

    all: tuple[Verdict, ...]


def asked(policy: str, questions: tuple[Question, ...], *, thorough: bool) -> str:
    """What is read to have Verdicts: the policy's path with the questions behind it.

    `thorough`: of what is not allowed, all booleans are tried where no hint helps; it takes longer.
    """
    parts = (
        "&".join((one.source, one.target, one.kind, ",".join(one.permissions), ",".join(one.hints)))
        for one in questions
    )
    return f"{policy}?{'all' if thorough else 'hints'}?{'?'.join(parts)}"


def questions_in(path: str) -> tuple[str, bool, tuple[Question, ...]]:
    """The reverse: policy, thorough, questions."""
    policy, how, *parts = path.split("?")
    fields = [part.split("&") for part in parts]
    questions = tuple(
        Question(source, target, kind, split(permissions), split(hints))
        for source, target, kind, permissions, hints in fields
    )
    return policy, how == "all", questions


def split(text: str) -> tuple[str, ...]:
    """Words with commas between them; none in an empty text."""
    return tuple(text.split(",")) if text else ()
