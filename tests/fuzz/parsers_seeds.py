"""Small real files of this host for the parser fuzzer, and built ones where the host has none."""

import json
import lzma
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from elftools.elf.elffile import ELFFile

from hostprobe.collect.snapshot import write_snapshot
from hostprobe.report.baseline import baseline_data
from hostprobe.report.json import document_of
from tests.collect.test_snapshot import snapshot
from tests.fuzz.parsers_mutation import Seed
from tests.fuzz.parsers_texts import (
    APR_TEXTS,
    BANNER_TEXTS,
    BEANCOUNTERS,
    BUILD_TEXTS,
    ENVVARS,
    EVALUATED,
    FSTAB,
    GROUP,
    HTTPD,
    INI,
    MAPS,
    MOD_WSGI_TEXTS,
    MOUNTINFO,
    OOM,
    PASSWD,
    PROFILE,
    PTH,
    PYTHON,
    PYVENV,
    SETTINGS,
    SHELL,
    SOCKETS,
    SOURCE,
    STATUS,
    SUDOERS,
    TOML,
    ULIMITS,
    UNIT,
)
from tests.parse.audit.samples import APPARMOR, KERNEL, SELINUX
from tests.parse.elf_image import FLAVOURS
from tests.parse.journal.test_denials import SMALL as JOURNALS
from tests.parse.journal.test_export import TEXT as EXPORT
from tests.parse.test_acl import GOOD as ACL
from tests.parse.test_capability import BIND
from tests.parse.test_elf_refused import IMAGES
from tests.parse.test_error_log import LINES, START
from tests.parse.test_httpd_binary import GOOD
from tests.parse.test_linker import compat_cache, new_cache, old_cache
from tests.report.sample import report, waived_report

LARGEST_TEXT, LARGEST_OBJECT = 6_000, 24 << 10
MOST_TEXTS, MOST_OBJECTS = 24, 8
OBJECTS = ("/usr/lib/apache2/modules", "/usr/lib/python3*/lib-dynload", "/usr/lib/php/*")

AUDIT_LOGS = [b"\n".join(one) for one in (*SELINUX.values(), KERNEL.values(), APPARMOR.values())]

SOURCES = ("/usr/lib/python3*/[a-m]*.py", "/usr/lib/python3*/concurrent/**/*.py")


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
        archive.writestr(ZipInfo("EGG-INFO/eager_resources.txt"), "a.txt\n", compression)
        archive.writestr(ZipInfo("shop/_fast.so"), b"\x7fELF" * 20, compression)
        archive.writestr(
            ZipInfo("shop/_fast.py"), "resource_filename(__name__, '_fast.so')", compression
        )
        archive.writestr(
            ZipInfo("shop/web.py"), "# x\nresource_filename(__name__, 'htdocs')\n" * 9, compression
        )
        archive.comment = b"x" * 9
    return stream.getvalue()


def reports():
    found = [document_of(report()), document_of(waived_report())]
    return [Seed(json.dumps({**each, "instances": []}).encode()) for each in found]


def baselines():
    data = baseline_data(document_of(report()))
    return [Seed(json.dumps(data, indent=indent).encode()) for indent in (None, 2)]


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
ERROR_LOG = "\n".join((*LINES.values(), START, *LINES.values())).encode()
SEEDS = {
    "AuditdSettings": lambda: texts(built=[b"log_file = /var/log/audit/audit.log\n"]),
    "LoadedProfiles": lambda: texts(built=[b"/usr/sbin/apache2 (enforce)\n"]),
    "ModuleSwitch": lambda: texts(built=[b"Y\n"]),
    "ProfileText": lambda: texts(built=[PROFILE]),
    "ProcessLabel": lambda: texts(built=[b"u:r:httpd_t:s0\0", b"apache2 (complain)\n"]),
    "SelinuxBoolean": lambda: texts(built=[b"1 0"]),
    "denials": lambda: texts(built=AUDIT_LOGS),
    "journal": lambda: [Seed(image) for image in JOURNALS],
    "journal export": lambda: [Seed(EXPORT)],
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
    "baseline": baselines,
    "plan": plans,
    "report": reports,
    "settings": lambda: texts(built=[SETTINGS]),
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
    "baseline": (b"{", b"}", b"[", b"null", b"true", b'"critical"', b'"\\ud800"'),
    "report": (b"{", b"}", b"[", b"null", b"true", b"NaN", b"1e999", b'"\\ud800"', b'"\\u0000"'),
    "settings": TOML,
    "snapshot": (b"[[", b"]]", b"{}", b"null", b"true", b"0", b"-1", b'"\\ud800"', b'"\\u0000"'),
}
"""Name of a target -> texts that are special to its format."""
