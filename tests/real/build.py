"""Objects that the tests compile themselves, kept in .cache/real under a hash of what made them."""

from __future__ import annotations

import atexit
import functools
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.real.httpd import public_directory

CACHE = Path(__file__).parents[2] / ".cache" / "real"
PYTHON = "/usr/bin/python3"


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Its stdout; AssertionError with everything it said when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def cached(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """CACHE/<name>-<hash of key>, filled by `make` once; two runs at a time do not collide."""
    directory = CACHE / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    if directory.exists():
        return directory
    CACHE.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{name}.", dir=CACHE))
    fresh.chmod(0o755)
    try:
        make(fresh)
        fresh.rename(directory)
    except BaseException:
        shutil.rmtree(fresh)
        if not directory.exists():
            raise
    return directory


def shared_object(name: str, source: str, *flags: str) -> Path:
    """Compile C into a shared object called `name`."""

    def make(directory: Path) -> None:
        code = directory / "source.c"
        code.write_text(source)
        run("gcc", "-shared", "-fPIC", "-O2", "-o", directory / name, code, *flags)

    return cached(Path(name).stem, "\0".join((name, source, *flags)), make) / name


@functools.cache
def httpd_headers() -> tuple[str, ...]:
    include = run("apxs2", "-q", "INCLUDEDIR").strip()
    return (f"-I{include}", *run("apr-1-config", "--includes", "--cppflags").split())


@functools.cache
def python_variable(name: str) -> str:
    """A sysconfig variable of /usr/bin/python3: `EXT_SUFFIX`, `INCLUDEPY`, `LIBPL`."""
    code = "import sys, sysconfig; print(sysconfig.get_config_var(sys.argv[1]))"
    return run(PYTHON, "-c", code, name).strip()


def apache_module(name: str, source: str, *flags: str) -> Path:
    """mod_NAME.so with a module record that does nothing; `source` is what it holds besides."""
    record = f"""
    #include "httpd.h"
    #include "http_config.h"
    module AP_MODULE_DECLARE_DATA {name}_module = {{ STANDARD20_MODULE_STUFF }};
    """
    return shared_object(f"mod_{name}.so", source + record, *httpd_headers(), *flags)


def extension(name: str, source: str, *flags: str) -> Path:
    """NAME.cpython-3XY-*.so for /usr/bin/python3; its directory goes to sys.path."""
    include = f"-I{python_variable('INCLUDEPY')}"
    return shared_object(name + python_variable("EXT_SUFFIX"), source, include, *flags)


def is_public(path: Path) -> bool:
    """Whether everybody may search every directory down to it, and it."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


@functools.cache
def public(path: Path) -> Path:
    """The directory itself, or a copy that www-data can reach when a parent of it is closed."""
    if not path.exists() or is_public(path):
        return path
    directory = public_directory("hostprobe-copy-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return Path(shutil.copytree(path, directory / path.name, symlinks=True))
