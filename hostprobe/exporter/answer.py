"""What is asked and what is answered, apart from how it is sent."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of what is no page: nothing may be loaded."""

GUARDS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""Headers of every answer."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request without its body, which nothing here takes."""

    method: str
    target: str
    headers: Mapping[str, str]
    """Names in lower case."""

    client: str
    """The address it came from."""

    @property
    def path(self) -> str:
        """The target without host and query; compared as it is, never decoded."""
        rest = self.target
        for scheme in ("http://", "https://"):
            if rest.startswith(scheme):
                rest = "/" + rest.removeprefix(scheme).partition("/")[2]
        return rest.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes of one type, ready to be sent in both encodings."""

    kind: str
    data: bytes
    packed: bytes | None = None
    """The same in gzip."""

    policy: str = NOTHING

    @classmethod
    def of(cls, kind: str, data: bytes, policy: str = NOTHING) -> Self:
        """Compressed once, sent many times."""
        return cls(kind, data, gzip.compress(data, 6, mtime=0), policy)


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and what stands in the header beside GUARDS."""

    status: int
    body: Body
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self, request: Request | None) -> tuple[dict[str, str], bytes]:
        """Header and body as this client wants them."""
        data, extra = self.body.data, dict(self.headers)
        if self.body.packed is not None:
            extra["Vary"] = "Accept, Accept-Encoding"
            if request and "gzip" in accepted(request.headers.get("accept-encoding", "")):
                data, extra["Content-Encoding"] = self.body.packed, "gzip"
        header = {
            "Content-Type": self.body.kind,
            "Content-Length": str(len(data)),
            "Content-Security-Policy": self.body.policy,
        }
        return header | GUARDS | extra, data


def plain(status: int, text: str = "", headers: Mapping[str, str] | None = None) -> Answer:
    """One line of text; the status in words where there is no other."""
    line = f"{text or HTTPStatus(status).phrase}\n"
    return Answer(status, Body("text/plain; charset=utf-8", line.encode()), headers or {})


def accepted(header: str) -> set[str]:
    """Names in an Accept header whose quality is not 0, in lower case."""
    return {name for name, quality in map(weighed, header.split(",")) if name and quality > 0}


def weighed(part: str) -> tuple[str, float]:
    """`gzip;q=0.5`; a quality that is no number counts as 1."""
    name, *parameters = (each.strip().lower() for each in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                quality = float(parameter.removeprefix("q="))
            except ValueError:
                quality = 1.0
    return name, quality
