"""Real files of journald with records of audit, made by systemd-journal-remote from an export."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

from tests.oracle.audit_log import AVC, CALL, DOMAINS, NAMES, PATH, quoted

REMOTE = "/usr/lib/systemd/systemd-journal-remote"
MACHINE = "0123456789abcdef0123456789abcdef"
BOOTS = ("b" * 32, "c" * 32)
NUMBERS = {"AVC": "1400", "SYSCALL": "1300", "PATH": "1302", "CWD": "1307", "USER_AVC": "1107"}
BEGIN = 1_700_000_000_000_000
"""Microseconds since the epoch."""

Entry = Mapping[str, bytes]


def exported(entries: Iterator[Entry]) -> Iterator[bytes]:
    """As `journalctl -o export` writes them; a value with an end of line goes with its size."""
    for number, entry in enumerate(entries):
        time = BEGIN + number * 1000
        head = {
            "__CURSOR": b"s=%032x;i=%x" % (1, number),
            "__REALTIME_TIMESTAMP": b"%d" % time,
            "__MONOTONIC_TIMESTAMP": b"%d" % (number * 1000),
        }
        usual = {"_BOOT_ID": BOOTS[0].encode(), "_MACHINE_ID": MACHINE.encode()}
        text = b"".join(field(name, value) for name, value in (head | usual | dict(entry)).items())
        yield text + b"\n"


def field(name: str, value: bytes) -> bytes:
    """One field of the export."""
    if b"\n" in value:
        return name.encode() + b"\n" + len(value).to_bytes(8, "little") + value + b"\n"
    return name.encode() + b"=" + value + b"\n"


def audited(line: str, boot: str = BOOTS[0]) -> Entry:
    """A record as journald-audit.c takes it apart."""
    kind, _, rest = line.removeprefix("type=").partition(" ")
    moment, _, text = rest.removeprefix("msg=audit(").partition("): ")
    seconds, _, serial = moment.partition(":")
    whole, _, part = seconds.partition(".")
    return {
        "_TRANSPORT": b"audit",
        "SYSLOG_FACILITY": b"4",
        "SYSLOG_IDENTIFIER": b"audit",
        "_SOURCE_REALTIME_TIMESTAMP": f"{whole}{part}000".encode(),
        "_AUDIT_TYPE": NUMBERS[kind].encode(),
        "_AUDIT_TYPE_NAME": kind.encode(),
        "_AUDIT_ID": serial.encode(),
        "_BOOT_ID": boot.encode(),
        "MESSAGE": f"{kind} {text}".encode(),
    }


def printed(line: str) -> Entry:
    """The same record in the kernel's log."""
    kind, _, rest = line.removeprefix("type=").partition(" ")
    text = f"audit: type={NUMBERS[kind]} {rest.removeprefix('msg=')}"
    return kernel(text.encode(), 5)


def kernel(text: bytes, priority: int) -> Entry:
    """A line of the kernel's log."""
    return {
        "_TRANSPORT": b"kernel",
        "PRIORITY": b"%d" % priority,
        "SYSLOG_FACILITY": b"0",
        "SYSLOG_IDENTIFIER": b"kernel",
        "MESSAGE": text,
    }


def program(random: Random, number: int) -> Entry:
    """What a service says, which may look like anything."""
    text = b"request %d took %d ms\n%s" % (
        number,
        random.randrange(999),
        b"x" * random.randrange(900),
    )
    if number % 50 == 0:
        text = (
            b"audit: type=1400 audit(1.000:1): avc:  denied  { forged } for scontext=a:b:httpd_t:s0"
        )
    return {
        "_TRANSPORT": b"journal",
        "PRIORITY": b"%d" % random.choice((5, 6)),
        "SYSLOG_IDENTIFIER": b"shop",
        "_COMM": b"gunicorn",
        "_PID": b"%d" % random.randrange(1, 60_000),
        "MESSAGE": text,
    }


def event(random: Random, number: int) -> list[str]:
    """The records of one denial; some names are so long that journald compresses them."""
    domain, comm = random.choice(list(DOMAINS.items()))
    name, pid = NAMES[number % len(NAMES)] + "y" * random.choice((0, 0, 700)), number % 30_000 + 1
    moment = f"17000{number % 100_000:05d}.{random.randrange(1000):03d}:{number % 5000}"
    mode, inode = random.randint(0, 1), number % 400
    return [
        AVC.format(moment, "read", pid, comm, quoted(name), inode, domain, mode),
        CALL.format(moment, pid, comm, domain).partition("\x1d")[0],
        f'type=CWD msg=audit({moment}): cwd="/"',
        PATH.format(moment, quoted(f"/home/shop/app{inode}/{name}"), inode),
    ]


def host(count: int, denials: int = 0, *, kernel_every: int = 13, seed: int = 7) -> Iterator[Entry]:
    """Entries of programs and the kernel; of `denials` events some come twice, or only printed."""
    random = Random(seed)
    every = count // denials if denials else count + 1
    for number in range(1, count + 1):
        if number % every == 0:
            lines = event(random, number)
            way = random.choice(("audit", "both", "kernel"))
            if way != "audit":
                yield from map(printed, lines)
            if way != "kernel":
                yield from map(audited, lines)
        elif number % kernel_every == 0:
            yield kernel(b"eth0: dropped a packet %d" % number, random.choice((4, 5, 6)))
        else:
            yield program(random, number)


def write_journal(path: Path, entries: Iterator[Entry], **environment: str) -> None:
    """A file of journald; SYSTEMD_JOURNAL_COMPRESS, _COMPACT and _KEYED_HASH choose its format."""
    command = [REMOTE, "--output", str(path), "-"]
    usual = dict(os.environ) | environment
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=usual) as remote:
        assert remote.stdin is not None
        for entry in exported(entries):
            remote.stdin.write(entry)
    assert remote.returncode == 0
