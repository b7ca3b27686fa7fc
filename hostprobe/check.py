"""The vocabulary of a check: Severity, Certainty, Finding, Check and its decorator."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from inspect import cleandoc, get_annotations
from typing import Any

from hostprobe.facts.settings import Waiver


class Severity(IntEnum):
    """How bad it is when it happens."""

    info = 0
    low = 1
    medium = 2
    high = 3
    critical = 4


class Certainty(IntEnum):
    """How sure it is that it happens."""

    possible = 0
    """Only installed in the environment."""
    likely = 1
    """Reachable by static import from the application."""
    certain = 2
    """Follows from the files."""
    observed = 3
    """Seen in a live process or a log."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of the host, with all that is needed to judge it by hand."""

    subject: str
    """`kind:name`, e.g. `object:/usr/lib/.../readline.so`; what waivers match with globs."""

    title: str
    """One sentence: what is wrong, for whom."""

    severity: Severity
    certainty: Certainty
    detail: str = ""
    """Why it is wrong and what it does, in plain sentences."""

    affected: tuple[str, ...] = ()
    """Applications, process groups, virtual hosts."""

    evidence: Mapping[str, Any] = field(default_factory=dict)
    """JSON data: paths, symbols, versions, file:line, numbers, the command that shows it."""

    remedy: tuple[str, ...] = ()
    """Ordered, concrete: the directive or command for this host."""

    identity: tuple[str, ...] = ()
    """What makes this fault the same fault on another host (sonames of loser and winner)."""

    confirms: tuple[str, ...] = ()
    """Ids of checks whose findings about the same applications this one saw happen."""

    objects: tuple[str, ...] = ()
    """Files that it saw; a finding about one of them is confirmed whoever is affected."""

    waived: Waiver | None = None
    """Why the administrator lives with it; no check says so, but hostprobe.waiving."""

    stops: bool = False
    """httpd does not start with it: for `hostprobe preflight`, which tells it first."""


CheckBody = Callable[..., Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Check:
    """A pure function from facts and models to findings, with its page."""

    id: str
    severity: Severity
    """The highest that a finding of this check can have."""

    references: tuple[str, ...]
    needs: Mapping[str, Any]
    """Parameter name -> fact or model type."""

    page: str
    """The docstring, cleaned; the first line is the title."""

    body: CheckBody

    @property
    def title(self) -> str:
        """The first line of the page."""
        return self.page.partition("\n")[0]

    def fingerprint(self, finding: Finding) -> str:
        """Same fault, same value, on every host: no pid, address, time, version or host name."""
        import hashlib  # noqa: PLC0415  brings libcrypto, 3 MB that only a report for programs needs

        text = "\0".join((self.id, finding.subject, *finding.identity))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def check(severity: Severity, references: tuple[str, ...] = ()) -> Callable[[CheckBody], Check]:
    """Turn a generator function into a `Check`; its name with dashes is the id."""

    def decorate(body: CheckBody) -> Check:
        needs = {name: kind for name, kind in get_annotations(body).items() if name != "return"}
        page = cleandoc(body.__doc__ or "")
        return Check(body.__name__.replace("_", "-"), severity, references, needs, page, body)

    return decorate
