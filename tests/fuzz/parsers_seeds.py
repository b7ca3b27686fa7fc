"""Small real files of this host for the parser fuzzer, and built ones where the host has none."""

import json
import lzma
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from elftools.elf.elffile import ELFFile

from hostprobe.collect.snapshot import write_snapshot
from tests.collect.test_snapshot import snapshot
from tests.fuzz.parsers_mutation import Seed
from tests.parse.audit.samples import APPARMOR, KERNEL, SELINUX
from tests.parse.elf_image import FLAVOURS
from tests.parse.test_acl import GOOD as ACL
from tests.parse.test_capability import BIND
from tests.parse.test_elf_refused import IMAGES
from tests.parse.test_error_log import LINES, START
from tests.parse.test_httpd_binary import GOOD
from tests.parse.test_linker import compat_cache, new_cache, old_cache

LARGEST_TEXT, LARGEST_OBJECT = 6_000, 24 << 10
MOST_TEXTS, MOST_OBJECTS = 24, 8
OBJECTS = ("/usr/lib/apache2/modules", "/usr/lib/python3*/lib-dynload", "/usr/lib/php/*")
BUILD_TEXTS = (
    b'\0Server version: Apache/2.4.57\0 -D HTTPD_ROOT="/etc/apache2"\0'
    b' -D SERVER_CONFIG_FILE="apache2.conf"\0/usr/lib/php/20220829\0PHP_EXTENSION_DIR\0'
    b"/etc/php/8.2\0Loaded Configuration File\0/etc/php/8.2/conf.d\0PHP_CONFIG_FILE_SCAN_DIR\0"
    b"API420220829,NTS\0"
)
APR_TEXTS = (
    b"\0/usr/lib/x86_64-linux-gnu/apr-util-1\0apr_dbd_%s-1.so\0apr_crypto_%s-1.so\0apr_ldap-1.so\0"
)
MOD_WSGI_TEXTS = b"\0wsgi_init\0004.9.4\0mod_wsgi/%s\0Python/%d.%d\0"
SOCKETS = b"""Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 21071 /run/wsgi.1.0.1.sock
0000000000000000: 00000003 00000000 00000000 0001 03 21072
"""
BANNER_TEXTS = (
    b"\0OpenSSL 3.0.7 1 Nov 2022\0Fatal: program compiled against libxml %d using libxml %d\n\0"
    b"20914\0libxml2.so.2\0002.9.14\0libxml2 Version\0GNU C Library (Debian GLIBC 2.36-9+deb12u14) "
    b"stable release version 2.36.\n\0expat_2.5.0\0libpython3.11.so.1.0\0003.11.2\0"
)

PROFILE = b"""include <tunables/global>
@{WEB} = /srv/www "/srv/a b"
profile apache2 /usr/sbin/apache2 flags=(complain) {
  /a/{b,c}/** rw,
  deny "/d e/*.so" mr,
  ^shop { /srv/shop/** r, }
}
"""
AUDIT_LOGS = [b"\n".join(one) for one in (*SELINUX.values(), KERNEL.values(), APPARMOR.values())]

HTTPD = (
    b"Include /e/main.conf", b"Include d/*.conf", b"Include /e", b"IncludeOptional *",
    b"Use M 1 2 3",
    b"Use N x", b"Use M Use M Use", b"<Macro M $a>", b"</Macro>", b"<Macro X $ %a @b $aa>",
    b"Define X ${X}${X}${X}", b"Define X ${Y}${Y}", b"Define Y ${X}${X}", b"A ${X}${Y}", b"<A>" ,
    b"</A>", b"<IfDefine X>", b"<IfDefine !X>", b"</IfDefine>", b"<IfModule x>", b"</IfModule>",
    b"<Perl>", b"<VirtualHost *>", b"</VirtualHost>", b"<Location />", b"</Location>", b"\\\n",
    b"<Directory ~ (a+)+$>", b"<LocationMatch ((a*)*)*b>", b"ServerRoot /", b"UnDefine X",
    b"WSGIScriptAlias / /a.wsgi", b"WSGIDaemonProcess x threads=1000000000", b"%{ENV:X}", b"\f",
)  # fmt: skip
SHELL = (
    b"export A=$B$C", b"if x; then", b"fi", b"case x in", b"esac", b"<<EOF", b"$(", b"`", b"${A:-",
    b"unset A", b"A='", b'A="', b"\\\n", b"{ ", b"}", b"for a in b; do", b"done", b"f() {",
)  # fmt: skip
PYTHON = (
    b"import os", b"from . import (", b"from x import *", b"try:", b"except ImportError:", b"else:",
    b"if TYPE_CHECKING:", b"def f():", b"class C:", b"    ", b"\t", b"\\\n", b'"""', b"'''", b"#",
    b"# coding: utf-7", b"# coding: idna", b"# -*- coding: undefined", b"__import__(",
    b"import_module(",
    b"sys.path.insert(0, ", b"os.path.join(__file__, ", b"os.path.dirname(" * 90, b"import " * 500,
    b"if x:" * 99, b";import a" * 300, b"from " + b"." * 4_000 + b" import x", b"\f", b"match x:",
    b"lambda: " * 200, b"if 1:\n" + b"".join(b" " * n + b"if 1:\n" for n in range(1, 95)),
    b"x = 9" * 900, b"os.environ[", b"global x", b"(x := ", b"x.append(x)", b"lambda x: open(x)",
    b"match x:\n  case open: open(1)", b"@x.y(z)\n", b"async with open(x) as (y, *z):", b"del ",
)  # fmt: skip
ENVVARS = b"""unset HOME
export A=/run/x$SUFFIX
if [ -x /bin/a ] ; then
  B=1
fi
export LANG=C; : ${C:=/x}
. /etc/default/locale
"""
INI = b"""[PHP]
extension=readline
zend_extension = "/x/${Y}.so"
extension_dir='/a'
[PATH=/srv]
a[]=b & c | (d)
"""
PTH = b"/srv/x\nimport os; os.x\n# no\n../y\n"
SOURCE = b"""import os, sys
from importlib import import_module
if TYPE_CHECKING:
    import never
try:
    import json as j
except (ImportError, OSError):
    from . import (a, b)
sys.path[0:0] = [os.path.join(os.path.dirname(__file__), "lib"), "/srv"]
__import__("x.y")
def f(): import later
class Cache:
    @property
    def size(self): return len(self.kept)
if "TZ" not in os.environ:
    os.environ.update({"TZ": "UTC"}, LANG=x)
with open(os.path.join(sys.prefix, *[1, -2.5])) as file:
    for line in sys.stdin: os.environ |= {**y, 1: None}
def g(a, /, b=lambda: open(b), *c, d=None, **e):
    global cache
    cache[a] = (b := Cache())
    del os.environ["X"]
cache = {}
g(cache)
"""
SOURCES = ("/usr/lib/python3*/[a-m]*.py", "/usr/lib/python3*/concurrent/**/*.py")
PYVENV = b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"
STATUS = b"""Package: a
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 1:2-3

Package: b
Status: deinstall ok config-files
Version: 1
"""
SUDOERS = b"""Defaults:alice,%w env_keep += "HOME A", !env_reset # x
Cmnd_Alias W = /usr/sbin/httpd -k *, !/bin/a\\,b : X = ALL
a,#1 H,::1 = (root:adm) NOPASSWD: W, sha224:aa /x "" : ALL = \\
  CWD=/x ^/y$ ^z$
@includedir /etc/sudoers.d
"""
UNIT = b"""[Unit]
Description=x \\
 # y
[Service]
Environment="A=b c" 'D=%i'
EnvironmentFile=-/etc/x
ExecStart=/usr/sbin/httpd -D FOREGROUND \\
  -f /x
"""
FSTAB = rb"""# x
UUID=1 / ext4 errors=remount-ro 0 1
/dev/sdb1 /srv/a\040b xfs user,exec,noexec 0 2
"""
MOUNTINFO = rb"""27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
30 27 0:27 / /srv/a\040b rw,noexec - tmpfs tmpfs rw,size=24683656k
"""
MAPS = b"""55d0-55d1 r-xp 00000000 08:01 12 /usr/sbin/apache2
7f00-7f01 r--p 00001000 08:01 13   /lib/x y.so (deleted)
7f02-7f03 rw-p 00000000 00:00 0 [heap]
"""


def texts(*patterns, built=()):
    """The first files of each pattern, cut at a line's end."""
    paths = [
        path
        for pattern in patterns
        for path in sorted(Path("/").glob(pattern.removeprefix("/")), key=str)[:MOST_TEXTS]
    ]
    found = (cut(path) for path in paths[: 2 * MOST_TEXTS])
    return [*(Seed(data) for data in found if data), *(Seed(data) for data in built)]


def cut(path):
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_TEXT + 1)
    except OSError:
        return b""
    return data if len(data) <= LARGEST_TEXT else data[: data.rfind(b"\n") + 1]


@cache
def objects():
    """The smallest real modules and extensions, and built ones of other classes and orders."""
    found = [path for folder in OBJECTS for path in sorted(Path("/").glob(f"{folder[1:]}/*.so"))]
    small = sorted((path.stat().st_size, str(path)) for path in found if path.is_file())
    real = [Path(path).read_bytes() for size, path in small if size < LARGEST_OBJECT]
    some = real[:: max(1, len(real) // MOST_OBJECTS)][:MOST_OBJECTS]
    return [*map(with_tables, some), *(Seed(data) for data in IMAGES[: 2 * len(FLAVOURS)])]


def with_tables(data):
    """Headers and loaded tables are where damage tells; code and data are not."""
    hot = [range(64)]
    elf = ELFFile(BytesIO(data))
    start, size = elf["e_phoff"], elf["e_phnum"] * elf["e_phentsize"]
    hot.append(range(start, start + size))
    for section in elf.iter_sections():
        if section["sh_flags"] & 2 and section["sh_size"] and section["sh_type"] != "SHT_PROGBITS":
            start = section["sh_offset"]
            hot.append(range(start, start + section["sh_size"]))
    return Seed(data, tuple(hot))


def with_texts(more):
    """Objects that carry these texts too."""

    def make():
        end = [
            Seed(seed.data + more, (*seed.hot, range(len(seed.data), len(seed.data + more))))
            for seed in objects()[:3]
        ]
        return [*end, Seed(GOOD + more, (range(len(GOOD + more)),))]

    return make


def caches():
    """Built in every format, and this host's with only its first 20 entries."""
    built = [old_cache(), new_cache(), compat_cache(), new_cache(order=">", flags=3)]
    built.append(new_cache(hwcaps=(b"x86-64-v2", b"x86-64-v3"), values=(1 << 62, 0)))
    path = Path("/etc/ld.so.cache")
    real = path.read_bytes() if path.exists() else b""
    if real.startswith(b"glibc-ld.so.cache"):
        real = real[:20] + (20).to_bytes(4, "little") + real[24:]
        hot = (range(48 + 20 * 24), range(len(real) - 64, len(real)))
        return [Seed(real, hot), *map(Seed, built)]
    return [*map(Seed, built)]


def snapshots():
    """The JSON of a small snapshot; what stands before the facts is checked first."""
    packed = write_snapshot(snapshot())
    text = lzma.decompress(packed)
    return [Seed(text, (range(text.index(b'"taken"'), len(text)),))] * 9 + [Seed(packed)]


def eggs():
    """One with everything that the reader looks at, packed and stored."""
    return [Seed(egg(compression)) for compression in (ZIP_STORED, ZIP_DEFLATED)]


def egg(compression):
    stream = BytesIO()
    with ZipFile(stream, "w", compression) as archive:
        archive.writestr("EGG-INFO/eager_resources.txt", "a.txt\n")
        archive.writestr("shop/_fast.so", b"\x7fELF" * 20)
        archive.writestr("shop/_fast.py", "resource_filename(__name__, '_fast.so')")
        archive.writestr("shop/web.py", "# x\nresource_filename(__name__, 'htdocs')\n" * 9)
        archive.comment = b"x" * 9
    return stream.getvalue()


def plans():
    plan = {
        "schema": 1,
        "main": "/usr/sbin/apache2",
        "environment": {"LD_LIBRARY_PATH": "/x"},
        "operations": [
            {"open": "/a.so", "flags": ["NOW", "GLOBAL"], "caller": None},
            {"open": "b.so", "flags": ["LAZY"], "caller": "/a.so"},
            {"close": "/a.so"},
        ],
    }
    return [Seed(json.dumps(plan, indent=indent).encode()) for indent in (None, 1)]


def configurations():
    """Files of one configuration, a form feed between them: see `evaluated`."""
    real = [seed.data for seed in texts(f"{APACHE}/*.conf", f"{APACHE}/*-enabled/*")]
    hosts = b"".join(real[:8]), b"".join(real[8:16])
    return [*map(Seed, map(b"\f".join, (EVALUATED, hosts, [EVALUATED[0], *hosts])))]


APACHE = "/etc/apache2"
EVALUATED = [
    b"""LoadModule macro_module m/macro.so
LoadModule wsgi_module m/wsgi.so
LoadModule php_module m/php.so
ServerName h.example
Define X ${Y}x
Define Y "a b"
Include a.conf
IncludeOptional d/*.conf
<Macro M $a %b @c>
A $a %b @c
<IfDefine $a>
Use N $a
</IfDefine>
</Macro>
<Macro N $x>
<Location /$x>
WSGIProcessGroup $x
</Location>
</Macro>
Use M 1 2 3
<VirtualHost *:80>
ServerAlias ${X}
WSGIDaemonProcess g user=www-data threads=5 python-home=/v python-path=/srv:/x
WSGIScriptAlias / /a.wsgi process-group=g application-group=%{GLOBAL}
Use N g
</VirtualHost>
""",
    (
        b"<IfModule !mod_none.c>\nInclude d/b.conf\n</IfModule>\n<IfVersion >= 2.4>\nListen 80\n"
        b"</IfVersion>\nWSGIScriptAliasMatch ^/(.*)$ /srv/$1.wsgi\nPHPIniDir /e\n"
    ),
    (
        b"<Directory /srv>\nOptions ExecCGI\nSetHandler wsgi-script\nAddHandler wsgi-script .wsgi\n"
        b"<If \"%{HTTP_HOST} == 'x'\">\nWSGIApplicationGroup %{HOST}\n</If>\n</Directory>\n"
    ),
    (
        b"WSGIImportScript /a.wsgi process-group=%{GLOBAL} application-group=%{GLOBAL}\n"
        b"Use M a b c \\\nd\nUndefMacro M\nUnDefine X\n"
        b"WSGIPythonHome /v\nLoadFile m/x.so\nError ${X}\n"
    ),
]
ERROR_LOG = "\n".join((*LINES.values(), START, *LINES.values())).encode()
PASSWD = b"root:x:0:0:root:/root:/bin/sh\n+@staff::::::\nshop:x:1000:1000\n#\n"
GROUP = b"www-data:x:33:anna, ben,\nstaff::50:\n+:::\n"
BEANCOUNTERS = b"""Version: 2.5
  uid  resource held maxheld barrier limit failcnt
  101: privvmpages 26240 27001 65536 69632 12
       physpages 11202 14001 0 9223372036854775807 0
"""
ULIMITS = (
    b"if x; then\n ulimit -s 1\nfi\nulimit -Ss 512 -v 9\nAPACHE_ULIMIT_MAX_FILES='ulimit -s 2'\n"
)
OOM = (
    b"kernel: [    0.000000] Linux version 6.1\nkernel: [ 10.5] Memory cgroup out of memory: "
    b"Killed process 77 (apache2) x\n[9.1] Out of memory: Kill process 7 (httpd)\n"
)
SEEDS = {
    "AuditdSettings": lambda: texts(built=[b"log_file = /var/log/audit/audit.log\n"]),
    "LoadedProfiles": lambda: texts(built=[b"/usr/sbin/apache2 (enforce)\n"]),
    "ModuleSwitch": lambda: texts(built=[b"Y\n"]),
    "ProfileText": lambda: texts(built=[PROFILE]),
    "ProcessLabel": lambda: texts(built=[b"u:r:httpd_t:s0\0", b"apache2 (complain)\n"]),
    "SelinuxBoolean": lambda: texts(built=[b"1 0"]),
    "denials": lambda: texts(built=AUDIT_LOGS),
    "oom log": lambda: texts(built=[OOM]),
    "Accounts": lambda: texts("/etc/passwd", built=[PASSWD]),
    "ArenaHeaps": lambda: texts("/proc/self/maps", built=[MAPS]),
    "Beancounters": lambda: texts(built=[BEANCOUNTERS]),
    "CgroupMembership": lambda: texts("/proc/self/cgroup", built=[b"4:memory:/x\n0::/u\n"]),
    "KernelCounters": lambda: texts("/proc/meminfo", built=[b"low 0\noom_kill 1\n"]),
    "KernelNumber": lambda: texts(built=[b"max\n", b"536870912\n"]),
    "OnlineProcessors": lambda: texts(built=[b"0-3,8\n"]),
    "PooledMemory": lambda: texts(
        "/proc/self/smaps_rollup", built=[b"Pss: 4 kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: 2 kB\n"]
    ),
    "ProcessCredentials": lambda: texts("/proc/self/status"),
    "ProcessLimits": lambda: texts("/proc/self/limits"),
    "ProcessStatus": lambda: texts("/proc/self/status"),
    "SocketUse": lambda: texts("/proc/net/sockstat", built=[b"TCP: inuse 5 orphan 0\n"]),
    "StackSegment": lambda: objects()[:MOST_OBJECTS],
    "ShellLimits": lambda: texts(f"{APACHE}/envvars", built=[ULIMITS]),
    "AprUtilBuild": with_texts(APR_TEXTS),
    "Banners": with_texts(BANNER_TEXTS),
    "ConfigFile": lambda: texts(f"{APACHE}/*.conf", f"{APACHE}/*-enabled/*", built=EVALUATED),
    "Egg": eggs,
    "Elf": objects,
    "EnvironmentFile": lambda: texts(f"{APACHE}/envvars", "/etc/default/*", built=[ENVVARS]),
    "ErrorLog": lambda: texts("/var/log/apache2/*.log", built=[ERROR_LOG]),
    "LogClock": lambda: texts("/var/log/apache2/*.log", built=[ERROR_LOG]),
    "ExtensionTexts": objects,
    "Fstab": lambda: texts("/etc/fstab", built=[FSTAB]),
    "HttpdBuild": with_texts(BUILD_TEXTS),
    "LinkerCache": caches,
    "ModWsgiBuild": with_texts(MOD_WSGI_TEXTS),
    "ModuleDefinitions": objects,
    "ModuleStructures": objects,
    "MountTable": lambda: texts("/proc/self/mountinfo", built=[MOUNTINFO]),
    "PackageVersions": lambda: texts("/var/lib/dpkg/status", built=[STATUS]),
    "PhpBuild": with_texts(BUILD_TEXTS),
    "PhpIni": lambda: texts("/etc/php/*/apache2/php.ini", "/etc/php/*/*/conf.d/*", built=[INI]),
    "PreloadFile": lambda: texts(built=[b"/lib/a.so:/lib/b.so # x\nlibc.so.6\t/lib/c.so\n"]),
    "PthFile": lambda: texts("/usr/lib/python3*/*-packages/*.pth", built=[PTH]),
    "PythonSource": lambda: texts(*SOURCES, built=[SOURCE]),
    "PyvenvCfg": lambda: texts(built=[PYVENV]),
    "ScannedSource": lambda: texts(*SOURCES, built=[SOURCE]),
    "SelinuxMode": lambda: texts(built=[b"1", b"SELINUX=enforcing\nSELINUXTYPE=targeted\n"]),
    "Sudoers": lambda: texts("/etc/sudoers", built=[SUDOERS]),
    "UnitFile": lambda: texts("/lib/systemd/system/[a-e]*.service", built=[UNIT]),
    "UserGroups": lambda: texts("/etc/group", built=[GROUP]),
    "ZoneFile": lambda: texts("/usr/share/zoneinfo/C*", "/usr/share/zoneinfo/right/U*"),
    "maps": lambda: texts("/proc/self/maps", "/proc/1/maps", built=[MAPS]),
    "plan": plans,
    "snapshot": snapshots,
    "sockets": lambda: texts("/proc/net/unix", built=[SOCKETS]),
    "acl": lambda: [Seed(ACL)],
    "capabilities": lambda: [Seed(BIND), Seed(BIND.replace(b"\2", b"\3", 1) + bytes(4))],
    "diversions": lambda: texts("/var/lib/dpkg/diversions", built=[b"/a\n/a.distrib\nx\n"]),
    "wheel name": lambda: texts(
        "/usr/lib/python3/dist-packages/*/METADATA", built=[b"Name: x\nVersion: 1\n\nText\n"]
    ),
    "evaluation": configurations,
    "topology": configurations,
}
"""Name of a target -> what makes its seeds."""

WORDS = {
    "ConfigFile": HTTPD,
    "evaluation": HTTPD,
    "topology": HTTPD,
    "EnvironmentFile": SHELL,
    "ShellLimits": (*SHELL, b"ulimit -s 512", b"-Hs", b"unlimited"),
    "PhpIni": (b"[", b"]", b"[PATH=/x]", b"extension=", b"extension[]=", b'"', b"${HOME}", b"on"),
    "PythonSource": PYTHON,
    "ScannedSource": PYTHON,
    "PackageVersions": (b"\n\n", b"Package: ", b"Version:", b"Status: x not-installed", b"\n "),
    "Fstab": (b" ", b"\\040", b",user", b",exec", b"noauto", b"#", b"\t"),
    "MountTable": (b" - ", b"\\040", b"shared:1 ", b",noexec", b" ", b"-"),
    "UnitFile": (b"[Service]", b"[", b"\\\n", b"Environment=", b"ExecStart=", b"#", b";"),
    "plan": (b"{", b"}", b"[", b"null", b"true", b'"close"', b"NaN", b"-Infinity", b'"\\ud800"'),
    "snapshot": (b"[[", b"]]", b"{}", b"null", b"true", b"0", b"-1", b'"\\ud800"', b'"\\u0000"'),
}
"""Name of a target -> texts that are special to its format."""
