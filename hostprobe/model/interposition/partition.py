"""Conflicts grouped by cause: every rebinding and every refused load has exactly one owner."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hostprobe.facts.plan import Open
from hostprobe.model.instance import Extension
from hostprobe.model.interposition.families import family_of
from hostprobe.model.interposition.rebinding import ExtensionLoad, Rebinding
from hostprobe.model.loader.objects import FailureKind, LoadedObject

EXECUTABLE_STACK = "executable-stack"
"""Owner of refused loads only."""

SONAME, HASHLIB, OPENSSL_STATIC = "soname", "hashlib", "openssl-static"
"""Owners that are no family of the table: a needed library displaced by its soname, the digests of
the standard library, and OpenSSL that is not a library of its own on one side."""

OPENSSL = (b"libcrypto.so.", b"libcrypto-", b"libssl.so.", b"libssl-")
SITE = re.compile(r"^(.*/(?:site|dist)-packages/[^/]+)/")


@dataclass(frozen=True, slots=True)
class Interposition:
    """One cause: providers that one side brings in take over symbols of one copy of a library."""

    family: str
    """Family of the winner that owns it; "" for none."""

    losers: tuple[LoadedObject, ...]
    winners: tuple[LoadedObject, ...]
    """Empty when the symbols stay unresolved."""

    brought_by: tuple[Open, ...]
    """The dlopens that brought the winners in; empty for what httpd starts with."""

    rebindings: tuple[Rebinding, ...]
    """Distinct by (object, symbol, version), in first-seen order."""

    kept: int
    """References of the rebound objects that stay with the losers."""

    dormant: bool
    """Nothing that the extensions use refers to a loser any more: the split is never run."""

    extensions: tuple[Extension, ...]
    """The imports that show it."""


def bundle_of(path: str) -> str:
    """The installed package's folder for a file in site-packages, else the file itself."""
    found = SITE.match(path)
    return found[1] if found else path


def partition(loads: Iterable[ExtensionLoad]) -> tuple[Interposition, ...]:
    """Group by (family, bundle of the loser) and, without a family, by the dlopen responsible."""
    groups: dict[tuple[str, ...], list[tuple[ExtensionLoad, Rebinding]]] = {}
    for load in loads:
        for rebinding in load.rebindings:
            groups.setdefault(group_of(load, rebinding), []).append((load, rebinding))
    return tuple(interposition(key[0], members) for key, members in groups.items())


def group_of(load: ExtensionLoad, rebinding: Rebinding) -> tuple[str, ...]:
    """What makes two rebindings effects of one cause."""
    bundle, winner = bundle_of(rebinding.loser.real), rebinding.winner
    family = owner_of(load, rebinding)
    if winner is None:
        return family, bundle, "unresolved"
    if family:
        return family, bundle
    cause = winner.cause
    return "", bundle, cause.path if cause else winner.real


def owner_of(load: ExtensionLoad, rebinding: Rebinding) -> str:
    """The family that judges one rebinding; "" for none.

    expat has no version nodes and one soname for all releases, so it is displaced as a rule.
    """
    family = family_of(rebinding.symbol, (rebinding.winner or rebinding.loser).elf)
    if family == "openssl" and not (is_openssl(rebinding.winner) and is_openssl(rebinding.loser)):
        return HASHLIB if is_hashlib(load) else OPENSSL_STATIC
    is_displaced = any(
        one.taken is rebinding.winner and one.rightful.real == rebinding.loser.real
        for one in load.displaced
    )
    return SONAME if is_displaced and family != "expat" else family


def refused_by(load: ExtensionLoad) -> str:
    """The family that judges a load which fails in httpd; "" for none, or when it does not fail."""
    failure = load.failure
    if failure is not None and failure.kind is FailureKind.EXECUTABLE_STACK:
        return EXECUTABLE_STACK
    if failure is None or load.standalone_failure is not None:
        return ""
    if is_hashlib(load):
        return HASHLIB
    for one in load.displaced:
        if failure.object in {one.taken.path, one.name}:
            return SONAME
        missing = failure.missing.encode("utf-8", "surrogateescape")
        if missing in one.rightful.elf.definitions:
            family = family_of(missing, one.rightful.elf)
            return family if family == "expat" else SONAME
    return ""


def is_hashlib(load: ExtensionLoad) -> bool:
    """Python's own binding to OpenSSL's digests; without it hashlib falls back silently."""
    return load.extension.is_stdlib and load.extension.module == "_hashlib"


def is_openssl(provider: LoadedObject | None) -> bool:
    """One of OpenSSL's own shared libraries."""
    return provider is not None and (provider.elf.soname or b"").startswith(OPENSSL)


def interposition(family: str, members: list[tuple[ExtensionLoad, Rebinding]]) -> Interposition:
    """Put the members of one group together."""
    rebindings = {(r.object, r.symbol, r.version): r for _, r in reversed(members)}
    losers = {r.loser.real: r.loser for _, r in members}
    winners = {r.winner.real: r.winner for _, r in members if r.winner}
    causes = {w.cause.path: w.cause for w in winners.values() if w.cause}
    loads = list({id(load): load for load, _ in members}.values())
    objects = {r.object for _, r in members}
    kept = {
        (pair, load.extension.path): count
        for load in loads
        for pair, count in load.kept.items()
        if pair[0] in objects and pair[1] in losers
    }
    return Interposition(
        family,
        tuple(losers.values()),
        tuple(winners.values()),
        tuple(causes.values()),
        tuple(reversed(rebindings.values())),
        sum({pair: count for (pair, _), count in kept.items()}.values()),
        not any(uses_loser(load, losers.keys()) for load in loads),
        tuple({load.extension.path: load.extension for load in loads}.values()),
    )


def uses_loser(load: ExtensionLoad, losers: Iterable[str]) -> bool:
    """A loser still runs: something in use binds to it, or it is the extension itself."""
    return any(loser in load.in_use for loser in losers)
