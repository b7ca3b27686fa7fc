"""httpd's error log, a piece at a time: known lines are counted, all others are passed over.

Every signature contains one of a few anchors, so most lines are seen by `bytes.find` only.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from hostprobe.facts.error_log import ErrorLog, LogMatch
from hostprobe.facts.signatures import BY_ID, CODES, ORDINARY, SIGNATURES

LONGEST_LINE = 8 << 10
"""Bytes of a line that are looked at: MAX_STRING_LEN of httpd, which writes no longer ones."""

MOST_MATCHES = 1_000
MOST_PROCESSES = 10_000
LONGEST_SAMPLE = 300
LONGEST_NAME = 512

NUMBERED = re.compile(
    rb"AH0(?:0(?:016|020|035|05[12]|159|163|171|173|29[278]|480|489|49[34]|529)|1882|3104)"
)
"""httpd's messages that signatures or its starts are told by."""

ANCHORS = (
    b"WSGI0",
    b"mod_wsgi",
    b"aemon process",
    b"(): ",
    b"code for hash",
    b"corrupt",
    b"_init: ",
    b"NumPy was",
    b"Ignoring Python",
    b"Premature end",
)
"""One of these, such a number or an exception is in every line that a signature takes."""


ERROR = b"rror: "
LONGEST_CLASS = 40
EXCEPTIONS = frozenset(
    b"""error ImportError ModuleNotFoundError OSError IOError PermissionError MemoryError
    SystemError RuntimeError PicklingError AttributeError DatabaseError OperationalError
    InterfaceError InternalError ExtractionError""".split()
)
"""What may stand before a colon in such a line; `Fatal Python error` with them."""

OWN = (b"mod_wsgi", b"WSGI0", b"aemon process", b"mbedded mode")
"""One of these is in every line in which mod_wsgi itself names a script or a process group."""


def literal(text: str) -> bytes:
    """The longest piece of a regular expression that every match contains as it is."""
    plain = re.sub(r"\\(\W)", lambda match: f"\0{ord(match[1]):03}", text)
    while (shorter := re.sub(r"\[[^\]]*\][*+?]?|\([^()]*\)[*+?]?", "\n", plain)) != plain:
        plain = shorter
    pieces = re.split(r"\\[a-zA-Z]|[.*+^$|\n]|[^?](?=\?)|\{[\d,]*\}|\?", plain)
    shown = [re.sub("\0(...)", lambda match: chr(int(match[1])), piece) for piece in pieces]
    return max(shown, key=len).encode()


@cache
def patterns() -> tuple[tuple[bytes, bytes, str], ...]:
    """What must be in the line, what it must match, and the signature; most are never compiled."""
    rows = [(text, row.id) for row in SIGNATURES for text in row.texts]
    return tuple((literal(text), text.encode(), signature) for text, signature in rows)


CODE = re.compile(rb"WSGI(0\d{3}): ")

MONTHS = (b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec").split()
CTIME = re.compile(rb"\b([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d)(?:\.\d+)? (\d{4})\b")
ISO_TIME = re.compile(rb"\b(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)")
TIME_WITHIN = 120
"""Bytes at the front of a line in which its time stands."""

PID = re.compile(rb"\[pid (\d+(?::tid \d+)?)\]|\(pid=(\d+)[,)]")
GROUP = re.compile(rb"process (?:called )?'([^']*)'|process='([^']*)'")
SCRIPT = re.compile(rb"(?:script|file) '(/[^']+)'")
RESUMED = b"resuming normal operations"
RELOADS = re.compile(rb"Graceful restart requested|SIGHUP received|SIGUSR1 received")

BRACKETS = re.compile(r"^\s*(?:\[[^\]]{0,200}\] ?)+")
SECRET = re.compile(
    r"(?i)\b([\w-]*(?:pass(?:word|wd)?|pwd|secret|token|api_?key|dsn|authorization|cookie)[\w-]*)"
    r"(['\"]?\s*[=:]\s*)(?:(?:Basic|Bearer)\s+)?(?:'[^']*'|\"[^\"]*\"|[^\s,;&'\"]+)"
)
USERINFO = re.compile(r"(://)[^/@\s\"']+@")
CLIENT = re.compile(r"\b(?:client|remote) [0-9A-Fa-f:.]+\b|, referer: .*|\?[^\s'\"]+")


@dataclass(slots=True)
class Count:
    """What is known of one key so far."""

    count: int = 0
    recent: int = 0
    first: str = ""
    last: str = ""
    sample: str = ""


Key = tuple[str, str, str, str]
"""Signature, script, group, thing."""


@dataclass(slots=True)
class ErrorLogReading:
    """The state between two pieces."""

    size: int = 0
    is_cut: bool = False
    _rest: bytes = b""
    _counts: dict[Key, Count] = field(default_factory=dict)
    _scripts: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    """Process and thread -> the script that was named last, and when."""

    _groups: dict[bytes, str] = field(default_factory=dict)
    _time: str = ""
    _is_kept: bool = False
    """The next "resuming normal operations" ends a restart, not a start."""

    _has_start: bool = False

    def feed(self, piece: bytes) -> None:
        """The next bytes of the log; a line may be in two pieces."""
        self.size += len(piece)
        head, newline, rest = piece.rpartition(b"\n")
        if not newline:
            self._hold(self._rest + piece)
            return
        self._lines(self._rest + head)
        self._rest = b""
        self._hold(rest)

    def result(self, skipped: int = 0) -> ErrorLog:
        """Everything counted; `skipped` bytes stood in front of what was fed."""
        self._lines(self._rest)
        self._rest = b""
        return ErrorLog(
            matches=tuple(
                LogMatch(*key, one.count, one.recent, one.first, one.last, one.sample)
                for key, one in self._counts.items()
            ),
            size=self.size,
            skipped=skipped,
            has_start=self._has_start,
            is_cut=self.is_cut,
        )

    def _hold(self, rest: bytes) -> None:
        """The begin of a line; of one without end only so much as is looked at."""
        self.is_cut |= len(rest) > LONGEST_LINE
        self._rest = rest[:LONGEST_LINE]

    def _lines(self, text: bytes) -> None:
        for start in sorted(set(candidates(text))):
            end = text.find(b"\n", start)
            end = len(text) if end < 0 else end
            self.is_cut |= end - start > LONGEST_LINE
            self._line(text[start : min(end, start + LONGEST_LINE)])

    def _line(self, line: bytes) -> None:
        """One that has an anchor: it names a script, tells of a start, or is a known one."""
        if b"AH00" in line:
            self._notice(line)
        signature, thing, about = recognised(line)
        is_own = any(anchor in line for anchor in OWN)
        if not (signature or is_own):
            return
        process = PID.search(line)
        pid = (process[1] or process[2]) if process else b""
        script, group = named(line) if is_own else ("", "")
        self._time = time_of(line) or self._time
        self._learn(pid, script, group)
        if signature:
            if not (script or group):
                script, group = self._known(about or pid, is_other=bool(about))
            self._count((signature, script, group, thing), line)

    def _notice(self, line: bytes) -> None:
        """A start of httpd, or a reload of its configuration."""
        if RESUMED in line:
            self._started()
        elif RELOADS.search(line):
            self._is_kept = True

    def _started(self) -> None:
        """All that was before belongs to another run of httpd, unless it only reloaded."""
        if not self._is_kept:
            self._has_start = True
            for one in self._counts.values():
                one.recent = 0
        self._is_kept = False

    def _learn(self, pid: bytes, script: str, group: str) -> None:
        if len(self._scripts) + len(self._groups) > MOST_PROCESSES:
            self._scripts.clear()
            self._groups.clear()
        if pid and script:
            self._scripts[pid] = (script, self._time)
        if pid and group:
            self._groups[pid.partition(b":")[0]] = group

    def _known(self, pid: bytes, *, is_other: bool) -> tuple[str, str]:
        """What the same thread named in the same minute; of another process only its group."""
        script, when = self._scripts.get(pid, ("", ""))
        is_same = not is_other and when[:16] == self._time[:16]
        return script if is_same else "", self._groups.get(pid.partition(b":")[0], "")

    def _count(self, key: Key, line: bytes) -> None:
        if key not in self._counts and len(self._counts) >= MOST_MATCHES:
            self.is_cut = True
            return
        one = self._counts.setdefault(key, Count(first=self._time))
        one.count += 1
        one.recent += 1
        one.last = self._time
        one.sample = sample_of(line)


def parse_error_log(data: bytes) -> ErrorLog:
    """A whole log at once."""
    reading = ErrorLogReading()
    reading.feed(data)
    return reading.result()


def candidates(text: bytes) -> Iterator[int]:
    """Where lines with an anchor begin."""
    for found in NUMBERED.finditer(text):
        yield text.rfind(b"\n", 0, found.start()) + 1
    yield from exceptions(text)
    for anchor in ANCHORS:
        at = text.find(anchor)
        while at >= 0:
            yield text.rfind(b"\n", 0, at) + 1
            end = text.find(b"\n", at)
            at = text.find(anchor, end) if end >= 0 else -1


def exceptions(text: bytes) -> Iterator[int]:
    """Where lines with an exception that a signature may take begin."""
    at = text.find(ERROR)
    while at >= 0:
        begin = text.rfind(b"\n", 0, at) + 1
        word = text[max(begin, at - LONGEST_CLASS) : at + len(ERROR) - 2]
        if re.split(rb"[ .]", word)[-1] in EXCEPTIONS:
            yield begin
        at = text.find(ERROR, at + 1)


def recognised(line: bytes) -> tuple[str, str, bytes]:
    """Signature, the file it names and the process it tells of; "" for none."""
    code = CODE.search(line) if b"WSGI0" in line else None
    if code:
        number = int(code[1])
        return "" if number in ORDINARY else CODES.get(number, "mod-wsgi-event"), "", b""
    for part, pattern, signature in patterns():
        found = re.search(pattern, line) if part in line else None
        if found:
            what, value = BY_ID[signature].names, found[1] if found.lastindex else b""
            is_thing = what == "thing"
            return signature, text_of(value) if is_thing else "", b"" if is_thing else value
    return "", "", b""


def named(line: bytes) -> tuple[str, str]:
    """Script and process group that mod_wsgi's own texts name."""
    script = SCRIPT.search(line)
    group = GROUP.search(line)
    return (
        text_of(script[1] if script else script_behind(line)),
        text_of(group[1] or group[2] or b"") if group else "",
    )


def script_behind(line: bytes) -> bytes:
    """wsgi_log_script_error of mod_wsgi 4: the script follows the text and a colon."""
    if b"aemon process" not in line and b"Embedded mode" not in line:
        return b""
    text = line.partition(b", referer: ")[0]
    return text[text.rfind(b": /") + 2 :].rstrip() if b": /" in text else b""


def text_of(name: bytes) -> str:
    r"""A name of bounded length; httpd writes what is no printable ASCII as \\xhh."""
    return name[:LONGEST_NAME].decode("utf-8", "surrogateescape")


def time_of(line: bytes) -> str:
    """The time at the front of the line; "" without one."""
    front = line[:TIME_WITHIN]
    found = CTIME.search(front)
    if found and found[1] in MONTHS:
        month, day = MONTHS.index(found[1]) + 1, int(found[2])
        return f"{found[4].decode()}-{month:02}-{day:02} {found[3].decode()}"
    iso = ISO_TIME.search(front)
    return f"{iso[1].decode()} {iso[2].decode()}" if iso else ""


def sample_of(line: bytes) -> str:
    """What a person recognises the line by, without clients and secrets."""
    text = line[: 4 * LONGEST_SAMPLE].decode("utf-8", "replace")
    text = SECRET.sub(r"\1\2[redacted]", USERINFO.sub(r"\1[redacted]@", BRACKETS.sub("", text)))
    return CLIENT.sub("", text).strip()[:LONGEST_SAMPLE]
