"""sudoers files, written and generated, read as Debian's own cvtsudoers reads them."""

from pathlib import Path
from random import Random

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.model.sudo.reading import read_sudoers
from hostprobe.parse.sudoers import parse_sudoers
from tests.oracle.sudoers import as_hostprobe_reads, as_sudo_reads

pytestmark = pytest.mark.real
WRITTEN = r"""
# a comment \
Defaults env_reset  # not before a number: #1000
Defaults	mail_badpass, secure_path="/usr/sbin:/usr/bin", !lecture,passwd_tries = 3
Defaults env_keep += "HOME LANG", env_keep -= LC_ALL, env_keep = "A B \
    C", env_check+=TZ
Defaults:alice,%wheel,#1000 !always_set_home
Defaults:ADM !!set_home
Defaults@web1 , web2 set_home
Defaults>root env_keep = HOME
Defaults!/usr/sbin/httpd,WEB env_keep -= HOME
Defaults!!/bin/x env_reset
User_Alias ADM = alice, !bob, %ops : X = #1000, %#20, +net, "a b", "%c d", %:other
Runas_Alias R=root,daemon
Cmd_Alias OLD = /bin/old
Cmnd_Alias WEB = /usr/sbin/apachectl start, /usr/sbin/httpd -k *, !/bin/sh, OLD, /opt/bin/
Host_Alias H = web1, 10.0.0.0/8, 10.1.0.0/255.255.0.0, ::1, 2001:db8::/32, !web2, +hosts
ADM H = (root:wheel) NOPASSWD: WEB, SETENV: /bin/ls "" : ALL = ALL
%sudo ALL=(ALL:ALL) ALL # c
alice ALL = /usr/bin/id -u\,x \
  foo, sudoedit /etc/x\ y, (R) NOEXEC:NOPASSWD: /bin/a a=b\:c\\d, PASSWD: !/bin/b
#1000,!alice ALL,!web1=(:adm)/bin/x*,(operator : adm )/bin/y[!a-z]?, () NOPASSWD:ALL
bob ALL = (root) sha224:0GomF8mNN3wlDt1HD9XldjJ3SNgpFdbjO1+NsQ== /bin/ls
carol ALL = ^/usr/(s)?bin/apachectl$ ^(start|stop)$, /bin/kill ^-HUP [0-9]+$
dave ALL = NOPASSWD : /bin/a, /bin/with\ blank b c   d
"""
USERS = ("alice", "%wheel", "#1000", "%#20", "+net", "ADM", "ALL", '"a b"', "!bob", "!!carol")
HOSTS = ("ALL", "web1", "10.0.0.0/8", "::1", "!web2", "fe80::1/64", "H", "*.example.org")
COMMANDS = (
    *(
        "ALL",
        "/bin/ls",
        '/bin/ls ""',
        "/usr/sbin/apachectl restart",
        "WEB",
        "!/bin/sh",
        "sudoedit /x",
    ),
    *("/bin/x a\\,b c\\:d", "/opt/", "/bin/*sh [a-z]*", "^/bin/[ab]$", "/a\\ b c", "sudoedit /y z"),
)
SETTINGS = (
    *("env_reset", "!env_reset", "always_set_home", "!!set_home", 'env_keep += "HOME A*"'),
    *(
        "env_keep=HOME",
        "env_delete -= HOME",
        'secure_path = "/a:/b"',
        "passwd_tries=2",
        "umask=0022",
    ),
)
TAGS = ("", "NOPASSWD: ", "PASSWD:", "SETENV : ", "NOEXEC:NOPASSWD:", "NOMAIL: ")
RUNAS = ("", "(root) ", "(ALL)", "(ALL : ALL) ", "(:adm)", "(root, !bob)", "(#0:wheel)", "()")
HOSTILE = (
    "\\\n",
    " \\\n\t",
    "#",
    ",",
    "!",
    ":",
    "=",
    '"',
    "\\",
    " ",
    "\t",
    "\n",
    "(",
    ")",
    "ALL",
    "%",
)


def listed(random, words):
    return random.choice((",", ", ", " , ", ",\\\n  ")).join(
        random.choice(words) for _ in range(random.randint(1, 4))
    )


def defaults(random):
    scope = random.choice(("", "", f":{listed(random, USERS)}", f"@{listed(random, HOSTS)}"))
    return f"Defaults{scope} {listed(random, SETTINGS)}"


def rule(random):
    commands = ", ".join(
        random.choice(RUNAS) + random.choice(TAGS) + random.choice(COMMANDS)
        for _ in range(random.randint(1, 4))
    )
    more = (
        f" : {listed(random, HOSTS)} = {random.choice(COMMANDS)}" if random.random() < 0.2 else ""
    )
    return f"{listed(random, USERS)} {listed(random, HOSTS)} = {commands}{more}"


def alias(random, number):
    kind, words = random.choice(
        (("User", USERS), ("Runas", USERS), ("Host", HOSTS), ("Cmnd", COMMANDS))
    )
    return f"{kind}_Alias N{number} = {listed(random, words)}"


def generated(random):
    lines = [
        random.choice((defaults, rule, rule, lambda one, n=number: alias(one, n)))(random)
        for number in range(8)
    ]
    return "\n".join(lines) + "\n"


def damaged(random):
    text = generated(random)
    place = random.randrange(len(text))
    return text[:place] + random.choice(HOSTILE) + text[place + random.randint(0, 2) :]


def compared(tmp_path, text, *, may_be_unread=False):
    """Equal where sudo takes the file, or said to be unread; whether sudo takes it."""
    path = tmp_path / "sudoers"
    path.write_text(text)
    expected = as_sudo_reads(path)
    found = parse_sudoers(text.encode())
    if expected is not None and not (may_be_unread and found.unread):
        assert found.unread == (), text
        assert as_hostprobe_reads(found.statements) == expected, text
    return expected is not None


def test_a_file_with_everything_reads_the_same(tmp_path):
    assert compared(tmp_path, WRITTEN)


def test_the_distributions_own_file_reads_the_same(tmp_path):
    text = Path("/etc/sudoers").read_text(encoding="utf-8")
    assert compared(tmp_path, text.replace("@includedir", "# @includedir"))


def test_generated_files_read_the_same(tmp_path):
    taken = [compared(tmp_path, generated(Random(seed))) for seed in range(250)]
    assert sum(taken) > 100


def test_damaged_files_read_the_same_or_say_that_they_do_not(tmp_path):
    taken = [compared(tmp_path, damaged(Random(seed)), may_be_unread=True) for seed in range(250)]
    assert sum(taken) > 50


def test_includes_are_read_in_sudos_order(tmp_path):
    files = {
        "etc/sudoers": "@include first\n#include /etc/dir/second\n@includedir drop.d\nz ALL=/z\n",
        "etc/first": "Defaults env_reset\na ALL=/a\n@include nested\n",
        "etc/nested": "n ALL=/n\n",
        "etc/dir/second": "b ALL=/b\n",
        "etc/drop.d/20_b": "d ALL=/d20\n",
        "etc/drop.d/10-a": "d ALL=/d10\n",
        "etc/drop.d/9": "d ALL=/d9\n",
        "etc/drop.d/x.conf": "no ALL=/no\n",
        "etc/drop.d/backup~": "no ALL=/no\n",
        "etc/drop.d/dir/x": "no ALL=/no\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("/etc/", f"{tmp_path}/etc/"))
    expected = as_sudo_reads(tmp_path / "etc/sudoers")
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = read_sudoers(LiveFiles(str(tmp_path)), "web1.example.org")
    assert found.problems == []
    assert as_hostprobe_reads(one.statement for one in found.placed) == expected
