"""Records of AppArmor as the kernel writes them (security/apparmor/*.c), of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

PROFILES = ("/usr/sbin/apache2", "apache2", "apache2//a shop", "httpd//null-/usr/bin/gpg")
NAMES = ("/srv/shop/a.py", "/srv/a b.py", '/srv/"quoted"', "/srv/caf\u00e9.py", "/srv/x(deleted)")
PROGRAMS = ("apache2", "httpd", "wsgi:shop", "(wsgi:a b)", "wsgi:caf\u00e9")
HEADS = (
    "type=AVC msg=audit({0}): ",
    "type=AVC msg=audit({0}): ",
    "Nov 14 22:13:29 web kernel: [  812.345678] audit: type=1400 audit({0}): ",
    "Nov 14 22:13:29 web kernel: audit: type=1400 audit({0}): ",
    "2023-11-14T22:13:29.123456+00:00 web kernel: [  812.345678] audit: type=1400 audit({0}): ",
)
TAILS = ("", "", '\x1dFSUID="www-data" OUID="root"')


def records(count: int, seed: int = 7) -> Iterator[str]:
    """Denied and allowed accesses, in the forms of log that LibAppArmor reads."""
    random = Random(seed)
    for number in range(count):
        head = random.choice(HEADS).format(f"17000{number:05}.{random.randrange(1000):03}:{number}")
        body = random.choice((file, file, exec_, capability, network, signal, ptrace))(random)
        state = random.choice(("DENIED", "ALLOWED"))
        tail = random.choice(TAILS) if head.startswith("type=") else ""
        yield f'{head}apparmor="{state}" {body}{tail}'


def subject(random: Random, operation: str) -> str:
    info = random.choice(("", "", 'info="Failed name lookup - disconnected path" error=-13 '))
    return f'operation="{operation}" {info}profile={whole(random.choice(PROFILES))}'


def process(random: Random) -> str:
    return f"pid={random.randrange(1, 99_999)} comm={whole(random.choice(PROGRAMS))}"


def whole(text: str) -> str:
    """As audit_log_untrustedstring does it."""
    is_plain = all("!" <= char <= "~" and char != '"' for char in text)
    return f'"{text}"' if is_plain else text.encode().hex().upper()


def masks(value: str) -> str:
    return f'requested_mask="{value}" denied_mask="{value}"'


def file(random: Random) -> str:
    operation = random.choice(("open", "mknod", "unlink", "file_mmap", "truncate", "rename_src"))
    name, mask = whole(random.choice(NAMES)), random.choice(("r", "wc", "m", "ra", "w"))
    owners = f"fsuid={random.randrange(1000)} ouid=0"
    return f"{subject(random, operation)} name={name} {process(random)} {masks(mask)} {owners}"


def exec_(random: Random) -> str:
    target = random.choice(("", ' target="apache2//null-/usr/bin/gpg"'))
    base = f"{subject(random, 'exec')} name={whole(random.choice(NAMES))} {process(random)}"
    return f"{base} {masks('x')} fsuid=33 ouid=0{target}"


def capability(random: Random) -> str:
    number, name = random.choice(((12, "net_admin"), (1, "dac_override"), (21, "sys_admin")))
    base = f"{subject(random, 'capable')} {process(random)}"
    return f'{base} capability={number}  capname="{name}"'


def network(random: Random) -> str:
    operation = random.choice(("create", "connect", "sendmsg"))
    family = random.choice(("inet", "inet6", "netlink", "unix"))
    base = f"{subject(random, operation)} {process(random)}"
    return f'{base} family="{family}" sock_type="stream" protocol=6 {masks(operation)}'


def signal(random: Random) -> str:
    base = f"{subject(random, 'signal')} {process(random)}"
    return f'{base} {masks(random.choice(("send", "receive")))} signal=term peer="unconfined"'


def ptrace(random: Random) -> str:
    base = f"{subject(random, 'ptrace')} {process(random)}"
    return f'{base} {masks("read")} peer="/usr/sbin/mysqld"'
