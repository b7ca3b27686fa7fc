"""The facts of one host in one file, and the `Files` door that replays them.

xz over JSON: a header that can be checked before anything else is decoded, then every answer the
scan got. Read with caps, typed and strictly; a hostile snapshot costs one clear error.
"""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar, get_args

from hostprobe.collect.codec import CodecError, decode, encode, field_names, hints
from hostprobe.collect.files import POLICY, SPECIAL
from hostprobe.collect.kinds import PARSERS
from hostprobe.collect.record import Record
from hostprobe.collect.redact import redact
from hostprobe.collect.redact_config import redact_request, used_variables
from hostprobe.facts.elf import Elf
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import ConfigFile
from hostprobe.facts.package import Owner
from hostprobe.facts.process import Processes
from hostprobe.facts.request import Request

VERSION = 1
MAGIC = b"\xfd7zXZ\0"
MAX_FILE, MAX_TEXT = 64 << 20, 128 << 20
"""Bytes of a snapshot file and of the JSON in it."""

Fact = TypeVar("Fact")


class SnapshotError(ValueError):
    """The file is not a snapshot that this hostprobe can read; the message says why."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A host as one scan saw it."""

    hostprobe: str
    """Version that took it."""

    taken: str
    """RFC 3339."""

    host: HostIdentity
    request: Request
    record: Record


class ReplayFiles:
    """The `Files` door over a record; what was never asked is Missing."""

    def __init__(self, record: Record) -> None:
        self.record = record

    def stat(self, path: str) -> Stat | Missing:
        """As recorded."""
        return self.record.stats.get(path) or absent(path)

    def list(self, path: str) -> tuple[str, ...] | Missing:
        """As recorded."""
        names = self.record.lists.get(path)
        return absent(path) if names is None else names

    def read(self, path: str, kind: type[Fact]) -> Fact | Missing:
        """As recorded."""
        if kind is Elf:
            return self.elf(path)  # type: ignore[return-value]  # kind is Elf
        fact: Fact | Missing | None = self.record.facts.get(kind, {}).get(path)
        return absent(path) if fact is None else fact

    def elf(self, path: str) -> Elf | Missing:
        """As recorded."""
        return self.record.objects.get(path) or absent(path)


def absent(path: str) -> Missing:
    """What a replay says of a path that the snapshot's scan never asked for."""
    return Missing(f"{path}: not in the snapshot")


def kinds() -> dict[str, type]:
    """Every fact type that can be read, by name."""
    return {kind.__name__: kind for kind in (*PARSERS, *SPECIAL, *POLICY, Owner, Processes, Elf)}


def redacted(snapshot: Snapshot) -> Snapshot:
    """Only what may leave the host: what is written and what --show prints."""
    record = snapshot.record
    configs = record.facts.get(ConfigFile, {}).values()
    used = used_variables(file for file in configs if isinstance(file, ConfigFile))
    facts = {
        kind: {path: shared(kind, fact, used) for path, fact in answers.items()}
        for kind, answers in record.facts.items()
    }
    kept = Record(record.stats, record.lists, facts, record.objects)
    request = redact_request(snapshot.request)
    return Snapshot(snapshot.hostprobe, snapshot.taken, snapshot.host, request, kept)


def shared(kind: type, fact: Any, used: frozenset[str]) -> Any:
    """One fact as it is shared; a reason stands for a kind that never is."""
    if isinstance(fact, Missing):
        return fact
    return redact(kind, fact, used) or Missing(f"{kind.__name__}: not shared in snapshots")


def write_snapshot(snapshot: Snapshot) -> bytes:
    """The file's content; secrets are taken out here, on the one way out."""
    clean = redacted(snapshot)
    record = clean.record
    data = {
        "snapshot": VERSION,
        "hostprobe": clean.hostprobe,
        "fields": shapes(),
        "taken": clean.taken,
        "host": encode(clean.host, HostIdentity),
        "request": encode(clean.request, Request),
        "stats": pack(record.stats, Stat),
        "lists": pack(record.lists, tuple[str, ...]),
        "facts": {kind.__name__: pack(found, kind) for kind, found in record.facts.items()},
        "objects": pack(record.objects, Elf),
    }
    text = json.dumps(data, separators=(",", ":")).encode("ascii")
    return lzma.compress(text, preset=2)


def read_snapshot(data: bytes) -> Snapshot:
    """The snapshot in a file's content; SnapshotError otherwise."""
    try:
        return read_within_memory(data)
    except MemoryError as error:
        raise SnapshotError("needs more memory than there is") from error


def read_within_memory(data: bytes) -> Snapshot:
    """The same; MemoryError too."""
    header = loaded(data)
    if header.get("snapshot") != VERSION:
        raise SnapshotError(f"not a snapshot of version {VERSION}")
    if header.get("fields") != shapes():
        raise SnapshotError(
            f"taken by hostprobe {header.get('hostprobe')}, whose facts differ from this version's"
        )
    try:
        return decoded(header)
    except (CodecError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SnapshotError(f"damaged: {error}") from error


def loaded(data: bytes) -> dict[str, Any]:
    """Decompressed and parsed, both within bounds."""
    if len(data) > MAX_FILE:
        raise SnapshotError(f"larger than {MAX_FILE} bytes")
    if not data.startswith(MAGIC):
        raise SnapshotError("not a hostprobe snapshot")
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MAX_FILE)
    try:
        text = unpacker.decompress(data, MAX_TEXT)
    except (lzma.LZMAError, EOFError) as error:
        raise SnapshotError(f"not a hostprobe snapshot ({error})") from error
    if not unpacker.eof:
        raise SnapshotError(f"cut short, or more than {MAX_TEXT} bytes when unpacked")
    try:
        header = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SnapshotError(f"not a hostprobe snapshot ({error})") from error
    if not isinstance(header, dict):
        raise SnapshotError("not a hostprobe snapshot (no header)")
    return header


def decoded(header: dict[str, Any]) -> Snapshot:
    """The typed snapshot in a checked header."""
    known = kinds()
    record = Record(
        stats=unpack(header["stats"], Stat),
        lists=unpack(header["lists"], tuple[str, ...]),
        facts={known[name]: unpack(found, known[name]) for name, found in header["facts"].items()},
        objects=unpack(header["objects"], Elf),
    )
    return Snapshot(
        decode(header["hostprobe"], str),
        decode(header["taken"], str),
        decode(header["host"], HostIdentity),
        decode(header["request"], Request),
        record,
    )


def pack(answers: dict[str, Any], kind: Any) -> dict[str, Any]:
    """Answers by path: each distinct value once, and each reason once, the path taken out."""
    values: dict[int, tuple[int, Any]] = {}
    found: list[list[Any]] = []
    reasons: dict[tuple[str, bool], list[str]] = {}
    for path, answer in answers.items():
        if isinstance(answer, Missing):
            reason = answer.reason.replace(path, "\0") if path else answer.reason
            reasons.setdefault((reason, answer.not_found), []).append(path)
        else:
            number, _ = values.setdefault(id(answer), (len(values), answer))
            found.append([path, number])
    rows = [encode(value, kind) for _, value in values.values()]
    return {"values": rows, "found": found, "missing": [[*why, p] for why, p in reasons.items()]}


def unpack(data: Any, kind: Any) -> dict[str, Any]:
    """The reverse of `pack`."""
    values = [decode(value, kind) for value in data["values"]]
    answers: dict[str, Any] = {}
    for path, number in decode(data["found"], tuple[tuple[str, int], ...]):
        if not 0 <= number < len(values):
            raise CodecError("a value number that does not exist")
        answers[path] = values[number]
    table = tuple[tuple[str, bool, tuple[str, ...]], ...]
    for reason, not_found, paths in decode(data["missing"], table):
        for path in paths:
            answers[path] = Missing(reason.replace("\0", path), not_found=not_found)
    return answers


def shapes() -> dict[str, list[str]]:
    """Field names of every class in a snapshot: what tells an incompatible version."""
    found: dict[str, list[str]] = {}
    pending: list[Any] = [Stat, HostIdentity, Request, *kinds().values()]
    while pending:
        kind = pending.pop()
        pending += get_args(kind)
        if is_row(kind) and kind.__name__ not in found:
            found[kind.__name__] = list(field_names(kind))
            pending += hints(kind)
    return dict(sorted(found.items()))


def is_row(kind: Any) -> bool:
    """A class that is written as the list of its fields."""
    return isinstance(kind, type) and (is_dataclass(kind) or hasattr(kind, "_fields"))


def described(snapshot: Snapshot) -> Iterator[str]:
    """What would be shared, line by line: every fact in words, symbol tables as counts."""
    clean = redacted(snapshot)
    record = clean.record
    yield f"snapshot of {clean.host.name}, {clean.host.os}, taken {clean.taken}"
    yield f"request: {clean.request}"
    for path, elf in record.objects.items():
        yield f"object {path}: {counted(elf)}"
    for kind, answers in record.facts.items():
        for path, fact in answers.items():
            yield f"{kind.__name__} {path}: {fact}"
    yield from (f"names in {path}: {names}" for path, names in record.lists.items())
    yield from (f"stat {path}: {stat}" for path, stat in record.stats.items())


def counted(elf: Elf | Missing) -> str:
    """An object in one phrase."""
    if isinstance(elf, Missing):
        return elf.reason
    soname = (elf.soname or b"-").decode("utf-8", "surrogateescape")
    return f"soname {soname}, {len(elf.definitions)} names, {len(elf.references)} references"
