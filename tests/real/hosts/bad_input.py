"""A small host in a directory: Debian's httpd with mod_wsgi, one application, one true remark."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.real.build import extension, run
from tests.real.httpd import BINARY, module_path

MODULES = ("mpm_prefork", "authz_core", "alias", "wsgi")
PYTHON = Path("/usr/bin/python3")
LIBRARIES = "lib/x86_64-linux-gnu"
MEMORY = 1 << 30
SECONDS = 20
SCAN = (sys.executable, "-m", "hostprobe", "scan")
REMARK = "Python's gear cannot be imported anywhere"
CONFIG = """
ServerRoot /etc/apache2
ServerName localhost
{modules}
IncludeOptional /etc/apache2/conf-enabled/*.conf
WSGIPythonPath /srv/site
WSGIScriptAlias /shop /srv/shop/shop.wsgi
User www-data
Group www-data
"""


@dataclass(frozen=True, slots=True)
class Done:
    """What one command did."""

    status: int
    out: str
    err: str
    seconds: float

    @property
    def text(self) -> str:
        """stdout with the line breaks of wrapping taken out."""
        return " ".join(self.out.split())

    def lines_with(self, word: str) -> int:
        """How many lines of the report, wrapped ones joined, name it."""
        return sum(word in line for line in self.out.replace("\n  ", " ").splitlines())


@dataclass(frozen=True, slots=True)
class BadHost:
    """A root in which a test spoils something."""

    root: Path

    def path(self, name: str) -> Path:
        """Where a path of the host is, its directory made."""
        path = self.root / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def remove(self, name: str) -> Path:
        """Take a file away; the template's files are linked, never written."""
        path = self.path(name)
        path.unlink(missing_ok=True)
        return path

    def write(self, name: str, content: bytes | str) -> None:
        data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
        self.remove(name).write_bytes(data)

    def configure(self, *lines: str) -> None:
        self.write("/etc/apache2/conf-enabled/test.conf", "\n".join(lines) + "\n")

    def scan(self, *arguments: str, **options: object) -> Done:
        return command(*SCAN, "--root", str(self.root), *arguments, **options)


def command(*words: str, **options: object) -> Done:
    """Run it with little memory and little time; it must never end in a traceback."""
    began = time.monotonic()
    done = subprocess.run(  # type: ignore[call-overload]
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=limit_memory,
        **options,
    )
    out, err = done.stdout.decode("utf-8", "strict"), done.stderr.decode("utf-8", "strict")
    assert "Traceback" not in out + err, err
    assert "internal error" not in out + err, out + err
    assert not {char for char in out + err if not char.isprintable()} - {"\n"}
    return Done(done.returncode, out, err, time.monotonic() - began)


def limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def make_template(root: Path) -> None:
    """Real files: httpd, modules, the libraries they need, a Python and an extension."""
    programs = [BINARY, PYTHON.resolve(), *map(module_path, MODULES)]
    for path in dict.fromkeys([*programs, *needed(programs)]):
        copy(path, root / str(path).lstrip("/"))
    loader = Path(run("readelf", "-p", ".interp", BINARY).split()[-1])
    copy(loader, root / LIBRARIES / loader.name)
    (root / "lib64").mkdir()
    (root / "lib64" / loader.name).symlink_to(f"/{LIBRARIES}/{loader.name}")
    gear = extension("gear", "int spindle(void); int PyInit_gear(void) { return spindle(); }")
    copy(gear, root / "srv/site" / gear.name)
    host = BadHost(root)
    host.path("/etc/apache2/conf-enabled/x").touch()
    loads = (f"LoadModule {name}_module {module_path(name)}" for name in MODULES)
    host.write("/etc/apache2/apache2.conf", CONFIG.format(modules="\n".join(loads)))
    host.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nwww-data:x:33:33::/var/www:/bin/false\n")
    host.write("/etc/group", "root:x:0:\nwww-data:x:33:\n")
    host.write("/srv/shop/shop.wsgi", "import os\n")
    host.write("/usr/lib/python3.11/os.py", "")


def needed(programs: Sequence[Path]) -> Iterator[Path]:
    """What ldd shows; Debian's ld.so finds it there without a cache."""
    for word in run("ldd", *programs).split():
        if word.startswith(f"/{LIBRARIES}/"):
            yield Path(word)


def copy(source: Path, target: Path) -> None:
    if source.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def copied(template: Path, target: Path) -> BadHost:
    """A host of its own; files are hard links."""
    shutil.copytree(template, target, symlinks=True, copy_function=os.link)
    return BadHost(target)


def strings(data: Mapping[str, object] | Sequence[object] | object) -> list[str]:
    """Every text in JSON data."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, Mapping):
        return [text for value in data.values() for text in strings(value)]
    if isinstance(data, Sequence):
        return [text for value in data for text in strings(value)]
    return []
