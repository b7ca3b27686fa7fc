"""A large audit log as a busy host writes it: most events have no denial, records interleave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

EVENTS = 9_000
DOMAINS = {"httpd_t": "httpd", "sshd_t": "sshd", "crond_t": "cron", "postfix_master_t": "master"}
NAMES = ("secret.py", "_fast.so", "a b.txt", "data.db", "settings.py", "wsgi.py")
CALL = (
    "type=SYSCALL msg=audit({0}): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7ffd"
    " a2=80000 a3=0 items=1 ppid=1 pid={1} auid=4294967295 uid=48 gid=48 euid=48 suid=48 fsuid=48 "
    'egid=48 sgid=48 fsgid=48 tty=(none) ses=4294967295 comm="{2}" exe="/usr/sbin/{2}" '
    'subj=system_u:system_r:{3}:s0 key=(null)\x1dARCH=x86_64 SYSCALL=openat AUID="unset" UID="web"'
)
AVC = (
    'type=AVC msg=audit({0}): avc:  denied  {{ {1} }} for  pid={2} comm="{3}" name={4} '
    'dev="sda1" ino={5} scontext=system_u:system_r:{6}:s0 '
    "tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive={7}"
)
PATH = (
    "type=PATH msg=audit({0}): item=0 name={1} inode={2} dev=08:01 mode=0100644 ouid=1000 ogid=1000"
    " rdev=00:00 obj=unconfined_u:object_r:user_home_t:s0 nametype=NORMAL cap_fp=0 cap_fi=0"
)
BUS = (
    "type=USER_AVC msg=audit({0}): pid=1 uid=0 auid=4294967295 ses=4294967295 "
    "subj=system_u:system_r:init_t:s0 msg='avc:  denied  {{ send_msg }} for msgtype=method_call "
    "interface=org.x member=Y dest=:1.{1} spid={1} tpid=44 scontext=system_u:system_r:httpd_t:s0 "
    'tcontext=system_u:system_r:avahi_t:s0 tclass=dbus permissive=0  exe="/usr/bin/dbus-daemon" '
    "sauid=81 hostname=? addr=? terminal=?'"
)
ACCOUNT = (
    "type=USER_ACCT msg=audit({0}): pid=1111 uid=0 auid=4294967295 ses=4294967295 "
    'subj=system_u:system_r:crond_t:s0 msg=\'op=PAM:accounting grantors=pam_permit acct="root" '
    'exe="/usr/sbin/cron" hostname=? addr=? terminal=cron res=success\''
)
EXEC = (
    (
        "type=SYSCALL msg=audit({0}): arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=55 "
        "a2=55 a3=8 items=2 ppid=1 pid=222 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
        'sgid=0 fsgid=0 tty=pts0 ses=3 comm="bash" exe="/bin/bash" '
        'subj=unconfined_u:unconfined_r:unconfined_t:s0 key="exec"'
    ),
    'type=EXECVE msg=audit({0}): argc=2 a0="ls" a1="-l"',
    'type=CWD msg=audit({0}): cwd="/root"',
    "type=PROCTITLE msg=audit({0}): proctitle=6C73",
)


def write_log(path: Path, size: int) -> None:
    """At least `size` bytes: an hour of a host, again and again at later times."""
    hour = b"".join(line.encode() + b"\n" for line in lines(Random(7)))
    with path.open("wb") as log:
        for number in range(size // len(hour) + 1):
            log.write(hour.replace(b"audit(1700000", b"audit(%d" % (1_700_000 + number)))


def lines(random: Random) -> Iterator[str]:
    """Of three events at a time, a third are mixed with each other."""
    seconds, serial = 1_700_000_000.0, 1000
    while serial < 1000 + EVENTS:
        waiting = []
        for _ in range(3):
            serial += 1
            seconds += random.random() * 0.02
            waiting.append(list(event(random, f"{seconds:.3f}:{serial}")))
        while any(waiting):
            full = [records for records in waiting if records]
            records = random.choice(full) if serial % 3 else full[0]
            yield records.pop(0)


def event(random: Random, identity: str) -> Iterator[str]:
    """The records of one event."""
    kind = random.random()
    if kind < 0.05:
        yield from denial(random, identity)
    elif kind < 0.06:
        yield BUS.format(identity, random.randint(1, 3000))
    elif kind < 0.5:
        yield ACCOUNT.format(identity)
    else:
        yield from (record.format(identity) for record in EXEC)


def denial(random: Random, identity: str) -> Iterator[str]:
    """A file that somebody may not read; one name needs hexadecimal digits."""
    domain, program = random.choice(list(DOMAINS.items()))
    number = random.randrange(len(NAMES) * 40)
    name, pid = NAMES[number % len(NAMES)], random.randint(1, 30000)
    allowed = random.choice(("read", "read open", "getattr"))
    mode = random.randint(0, 1)
    yield AVC.format(identity, allowed, pid, program, quoted(name), number, domain, mode)
    yield CALL.format(identity, pid, program, domain)
    yield f'type=CWD msg=audit({identity}): cwd="/"'
    yield PATH.format(identity, quoted(f"/home/shop/app{number}/{name}"), number)
    yield f"type=PROCTITLE msg=audit({identity}): proctitle=2F7573722F7362696E2F6874747064002D44"


def quoted(name: str) -> str:
    """As the kernel writes what users choose."""
    return name.encode().hex().upper() if " " in name else f'"{name}"'
