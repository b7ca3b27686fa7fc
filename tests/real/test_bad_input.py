"""One thing of a host is bad: a clear line names it, everything else is still checked."""

from __future__ import annotations

import json
import os
import random
import shutil
import struct
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.build import shared_object
from tests.real.hosts.bad_input import (
    REMARK,
    SCAN,
    SECONDS,
    BadHost,
    Done,
    command,
    copied,
    strings,
)
from tests.real.httpd import MODULES, Httpd, public_directory

pytestmark = pytest.mark.real
BAD = "/usr/lib/apache2/modules/mod_bad.so"
LOAD = f"LoadModule bad_module {BAD}"
SITE = "/srv/site"
SO = ".cpython-311-x86_64-linux-gnu.so"
SCRIPT = "/srv/shop/shop.wsgi"
CONF = "/etc/apache2/conf-enabled/bad.conf"
FINDINGS, INCOMPLETE, FINE = 1, 3, 0
Spoil = Callable[[BadHost, str], None]


def require(done: Done, status: int, *words: str) -> None:
    """That status, one line that says it, and the remark that is true of every such host."""
    assert done.status == status, done.out + done.err
    assert done.err == ""
    assert REMARK in done.text, done.out
    for word in words:
        assert word in done.text, done.out
    assert status == FINDINGS or ("INCOMPLETE" in done.text) == (status == INCOMPLETE)
    assert done.seconds < SECONDS


def test_the_host_is_fine_but_for_the_remark(host: BadHost) -> None:
    require(host.scan("-v"), FINE, "Complete")


def fifo(host: BadHost, name: str) -> None:
    os.mkfifo(host.remove(name))


def loop(host: BadHost, name: str) -> None:
    path = host.remove(name)
    path.symlink_to(path.name)


def folder(host: BadHost, name: str) -> None:
    host.remove(name).mkdir()


def nothing(host: BadHost, name: str) -> None:
    host.remove(name)


def empty(host: BadHost, name: str) -> None:
    host.write(name, b"")


def huge(host: BadHost, name: str) -> None:
    """10 GB of nothing, which takes no room on the disk."""
    with host.remove(name).open("wb") as file:
        file.truncate(10 << 30)


def truncated(host: BadHost, name: str) -> None:
    host.write(name, (MODULES / "mod_rewrite.so").read_bytes()[:9000])


def garbage(host: BadHost, name: str) -> None:
    host.write(name, random.Random(1).randbytes(20_000))


def billion(host: BadHost, name: str) -> None:
    """DT_HASH and DT_GNU_HASH of a real module count a billion symbols, which are not there."""
    data = bytearray((MODULES / "mod_rewrite.so").read_bytes())
    for tag, place in sections(data):
        if tag in (5, 0x6FFFFFF6):  # SHT_HASH is 5, SHT_GNU_HASH
            data[place : place + 8] = struct.pack("<II", 1_000_000_000, 1_000_000_000)
    host.write(name, bytes(data))


def sections(data: bytearray) -> list[tuple[int, int]]:
    """(type, file offset) of each section."""
    (start,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    headers = (struct.unpack_from("<IIQQQ", data, start + size * n) for n in range(count))
    return [(header[1], header[4]) for header in headers]


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        (truncated, INCOMPLETE, f"Not read: {BAD}: the file is truncated"),
        (fifo, INCOMPLETE, f"Not read: {BAD}: not a regular file"),
        (loop, INCOMPLETE, f"Not read: {BAD}: too many levels of symbolic links"),
        (billion, INCOMPLETE, f"Not read: {BAD}: 1000000000 buckets"),
        (huge, INCOMPLETE, f"Not read: {BAD}: larger than 268435456 bytes"),
        (folder, FINDINGS, f"{BAD}: cannot read file data: Is a directory"),
        (nothing, FINDINGS, f"{BAD}: cannot open shared object file: No such file"),
        (empty, FINDINGS, f"{BAD}: file too short"),
        (garbage, FINDINGS, f"{BAD}: invalid ELF header"),
    ],
)
def test_a_bad_module(host: BadHost, spoil: Spoil, status: int, says: str) -> None:
    spoil(host, BAD)
    host.configure(LOAD)
    require(host.scan("-v"), status, says)


def test_thirty_modules_with_flipped_bits(host: BadHost) -> None:
    """Each of them loads, or is named: as a finding or as not read."""
    chance = random.Random(2)
    good = (MODULES / "mod_rewrite.so").read_bytes()
    names = [BAD.replace("bad", f"bad{number}") for number in range(30)]
    for name in names:
        data = bytearray(good)
        for _ in range(20):
            place = chance.choice([chance.randrange(0x1000), chance.randrange(len(data))])
            data[place] ^= 1 << chance.randrange(8)
        host.write(name, bytes(data))
    host.configure(*(f"LoadModule bad{n}_module {name}" for n, name in enumerate(names)))
    done = host.scan("-v")
    assert done.status in (FINDINGS, INCOMPLETE)
    assert REMARK in done.text


def test_modules_that_need_each_other(host: BadHost) -> None:
    names = "-Wl,--no-as-needed,-soname,libring_"
    stub = shared_object("libring_b.so", "int ring_b;", f"{names}b.so")
    one = shared_object("libring_a.so", "int ring_a;", f"{names}a.so", str(stub))
    two = shared_object("libring_b.so", "int ring_b; ", f"{names}b.so", str(one))
    for path in (one, two):
        host.write(f"/lib/x86_64-linux-gnu/{path.name}", path.read_bytes())
    host.configure("LoadFile /lib/x86_64-linux-gnu/libring_a.so")
    require(host.scan("-v"), FINE, "Complete")


@pytest.mark.parametrize(
    ("spoil", "status", "says"),
    [
        (fifo, INCOMPLETE, f"{CONF}: not a regular file"),
        (loop, INCOMPLETE, f"{CONF}: too many levels of symbolic links"),
        (huge, INCOMPLETE, f"{CONF}: larger than 16777216 bytes"),
        (folder, FINDINGS, ""),  # not a problem: nothing in it
    ],
)
def test_a_bad_file_in_an_include_directory(
    host: BadHost, spoil: Spoil, status: int, says: str
) -> None:
    spoil(host, CONF)
    host.configure(f"LoadModule late_module {BAD}")  # test.conf comes after bad.conf
    done = host.scan("-v")
    require(done, FINDINGS, says, f"httpd would not start: {BAD}")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (["Include /etc/apache2/conf-enabled/test.conf"], "maximum include depth of 128"),
        (["Include /etc/apache2/conf-enabled"], "maximum include depth of 128"),
        (["<Macro M>", "Use M", "</Macro>", "Use M"], "test.conf"),
        (["Include /none.conf"], "/none.conf: no such file or directory (httpd would not start)"),
        (["Include conf/"], "/etc/apache2/conf: no such file"),
        (["ServerAlias " + "x" * (50 << 20)], "test.conf: larger than 16777216 bytes"),
        (["<Location /x>"] * 100_000, "<Location> is over 50 sections deep"),
        (["<IfDefine !X>"] * 100_000, "<IfDefine> was not closed"),
        (["<IfDefine X>"] * 100_000, "Expected </IfDefine> before end of configuration"),
        (["</Location>"] * 100_000, "</Location> without matching <Location section"),
        (["\udcff\x1b[2J on"], "Invalid command '\\xff\\x1b[2j'"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_configuration(host: BadHost, lines: list[str], says: str) -> None:
    host.configure(*lines)
    require(host.scan("-v"), INCOMPLETE, says)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("def f(:\n", f"{SCRIPT}: line 1: invalid syntax"),
        ("print 'two'\n", f"{SCRIPT}: line 1: Missing parentheses"),
        (b"import os\0\n", f"{SCRIPT}: source code string cannot contain null bytes"),
        ("x = 1\n" * 1_700_000, f"{SCRIPT}: larger than 4194304 bytes"),
        ("(" * 100_000, f"{SCRIPT}: line 1: too many nested parentheses"),
        ("-" * 500_000 + "1", f"{SCRIPT}: nested too deeply to be parsed"),
        (b"# coding: none\n", f"{SCRIPT}: "),
        (b"\xff\xfe\x1b[2J", f"{SCRIPT}: "),
    ],
    ids=range(8),
)
def test_a_script_that_does_not_compile(host: BadHost, content: bytes | str, says: str) -> None:
    host.write(SCRIPT, content)
    require(host.scan("-v"), INCOMPLETE, f"apache2.conf:10: {says}")


@pytest.mark.parametrize("spoil", [fifo, loop, nothing, huge])
def test_a_bad_script(host: BadHost, spoil: Spoil) -> None:
    spoil(host, SCRIPT)
    require(host.scan("-v"), INCOMPLETE, f"apache2.conf:10: {SCRIPT}: ")


@pytest.mark.parametrize(
    ("spoil", "name", "status", "says"),
    [
        (fifo, "x.pth", INCOMPLETE, "x.pth: not a regular file"),
        (loop, "x.pth", INCOMPLETE, "x.pth: too many levels of symbolic links"),
        (fifo, f"x{SO}", INCOMPLETE, f"Not read: {SITE}/x{SO}: not a regular file"),
        (loop, f"x{SO}", INCOMPLETE, f"Not read: {SITE}/x{SO}: too many levels"),
        (truncated, f"x{SO}", INCOMPLETE, f"Not read: {SITE}/x{SO}: the file is truncated"),
        (garbage, f"x{SO}", FINDINGS, "Python's x cannot be imported anywhere"),
        (fifo, "x.py", INCOMPLETE, f"Not read: {SITE}/x.py: not a regular file"),
        (loop, "x.py", INCOMPLETE, f"Not read: {SITE}/x.py: too many levels"),
        (folder, "x.py", INCOMPLETE, f"Not read: {SITE}/x.py: not a regular file"),
        (huge, "x.py", INCOMPLETE, f"Not read: {SITE}/x.py: larger than"),
        (huge, "x.pth", INCOMPLETE, "x.pth: larger than 1048576 bytes"),
        (huge, f"x{SO}", INCOMPLETE, f"Not read: {SITE}/x{SO}: larger than"),
        (garbage, "x.py", FINE, ""),
        (fifo, "x/__init__.py", INCOMPLETE, f"Not read: {SITE}/x/__init__.py: not a regular"),
        (loop, "x", INCOMPLETE, f"Not read: {SITE}/x: too many levels"),
        (fifo, "x", FINE, ""),
        (folder, f"x{SO}", FINE, "Complete"),  # Python passes over it
    ],
)
def test_bad_things_in_site_packages(
    host: BadHost, spoil: Spoil, name: str, status: int, says: str
) -> None:
    spoil(host, f"{SITE}/{name}")
    host.write(SCRIPT, "import x\n")
    require(host.scan("-v"), status, says)


@pytest.mark.parametrize(
    ("spoil", "more"),
    [(nothing, "Complete"), (fifo, "Complete"), (empty, "Complete"), (loop, "Not read: /srv/home")],
)
def test_a_bad_python_home(host: BadHost, spoil: Spoil, more: str) -> None:
    spoil(host, "/srv/home")
    host.configure("WSGIPythonHome /srv/home")
    done = host.scan("-v")
    assert done.status == FINDINGS, done.out
    assert "python-home /srv/home is not a directory" in done.text
    assert more in done.text
    assert done.out.count("Not read: /srv/home") <= 1


@pytest.mark.parametrize("spoil", [fifo, loop, folder, garbage, truncated, empty, huge])
def test_a_broken_linker_cache(host: BadHost, spoil: Spoil) -> None:
    spoil(host, "/etc/ld.so.cache")
    require(host.scan("-v"), INCOMPLETE, "Not read: /etc/ld.so.cache: ")


@pytest.mark.parametrize("spoil", [truncated, fifo, loop, folder, garbage, empty])
def test_a_bad_httpd_leaves_nothing_certain(host: BadHost, spoil: Spoil) -> None:
    spoil(host, "/usr/sbin/apache2")
    done = host.scan()
    assert done.status == INCOMPLETE, done.out
    assert "Not run: " in done.text
    assert "/usr/sbin/apache2: " in done.text


def test_an_httpd_whose_library_is_gone_would_not_start(host: BadHost) -> None:
    nothing(host, "/lib/x86_64-linux-gnu/libpcre2-8.so.0")
    done = host.scan()
    assert done.status == FINDINGS
    assert "CRITICAL httpd would not start: /usr/sbin/apache2 cannot be loaded" in done.text
    assert "libpcre2-8.so.0: cannot open shared object file" in done.text


@pytest.mark.parametrize("config", ["", "; broken [", "extension=/none.so"])
def test_bad_php_settings(config: str) -> None:
    with_php = Httpd(["php"], [])
    folder = with_php.root / "php"
    folder.mkdir()
    if config:
        (folder / "php.ini").write_text(config)
    else:
        os.mkfifo(folder / "php.ini")
    with_php.config.write_text(f"{with_php.config.read_text()}PHPIniDir {folder}\n")
    done = command(*SCAN, "--config", str(with_php.config))
    assert done.status == (INCOMPLETE if config.startswith("ext") else FINE), done.out
    assert ("/none.so: no such file" in done.text) == config.startswith("ext")


HOSTILE = "ev\nil\x1b[2J\udcff\u202e"
LONG = "/".join(["n" * 250] * 16)


def test_hostile_names_are_harmless_everywhere(host: BadHost) -> None:
    """Of a module, a script, a virtual host and a package; as text and as JSON."""
    module, script = f"/srv/{HOSTILE}.so", f"/srv/{HOSTILE}.wsgi".replace("\n", "")
    host.write(module, b"no module")
    host.write(script, "import broken(\n")
    host.write(f"{SITE}/{HOSTILE}/__init__.py", "")
    host.write(f"{SITE}/{HOSTILE}/x{SO}", b"no extension")
    plain = HOSTILE.replace("\n", "")
    host.configure(
        f'LoadModule "{plain}" "{module.replace(chr(10), "")}"',
        f'<VirtualHost *:80>\nServerName {plain}\nWSGIScriptAlias / "{script}"\n</VirtualHost>',
        f"Include /srv/{plain}/none.conf",
    )
    done = host.scan("-v")
    assert done.status == FINDINGS, done.out
    assert "evil\\x1b[2J\\xff\\u202e" in done.text
    report = json.loads(host.scan("--format", "json").out)
    assert not [
        text for text in strings(report) if set(text) & set(map(chr, range(0xD800, 0xE000)))
    ]
    assert any("evil\x1b[2J\\xff" in text for text in strings(report))


def test_names_of_four_thousand_bytes(host: BadHost) -> None:
    host.configure(
        f"LoadModule long_module /srv/{LONG}/mod_x.so",
        f"WSGIScriptAlias /long /srv/{LONG}/x.wsgi",
        f"Include /srv/{'n' * 300}/x.conf",
    )
    done = host.scan("-v")
    assert done.status in (FINDINGS, INCOMPLETE), done.out
    assert "file name too long" in done.text
    assert REMARK in done.text


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_another_user_learns_what_root_would_add(bad_template: Path) -> None:
    folder = public_directory()
    try:
        host = copied(bad_template, folder / "root")
        for name in ("/srv/secret", "/srv/shop2.wsgi"):
            host.write(name, "x")
            host.path(name).chmod(0)
        host.configure("Include /srv/secret", "WSGIScriptAlias /shop2 /srv/shop2.wsgi")
        host.write(BAD, (MODULES / "mod_rewrite.so").read_bytes())
        host.path(BAD).chmod(0)
        host.write("/etc/apache2/conf-enabled/a.conf", f"{LOAD}\n")
        done = host.scan("-v", user=65534, group=65534, extra_groups=[], cwd="/")
    finally:
        shutil.rmtree(folder)
    require(done, FINDINGS, "Not running as root: 3 paths could not be read, the first is")
    assert "www-data may not read /srv/shop2.wsgi" in done.text
    assert "Run it with sudo for a complete result." in done.text
    for name in ("/srv/secret", "/srv/shop2.wsgi", BAD):
        assert f"{name}: permission denied" in done.text
    assert "would not start" not in done.text.replace("(httpd would not start)", "")


def test_files_that_change_while_they_are_read(host: BadHost) -> None:
    good, place = (MODULES / "mod_rewrite.so").read_bytes(), host.path(BAD)
    place.write_bytes(good)
    host.configure(LOAD, "ServerAlias x")
    is_over = threading.Event()

    def change() -> None:
        while not is_over.is_set():
            os.truncate(place, 5000)
            place.write_bytes(good)
            host.configure(*[LOAD, "ServerAlias x"] * 1000)
            host.path("/etc/apache2/conf-enabled/test.conf").write_text("")

    changer = threading.Thread(target=change)
    changer.start()
    try:
        for _ in range(4):
            done = host.scan("-v")
            assert done.status in (FINE, FINDINGS, INCOMPLETE)
            assert REMARK in done.text
    finally:
        is_over.set()
        changer.join()
