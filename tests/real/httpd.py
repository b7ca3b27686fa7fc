"""A real httpd for one test: its own directory, port, log, session; gone when the block ends."""

from __future__ import annotations

import atexit
import base64
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import Self

BINARY = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
BASIC = ("mpm_prefork", "authz_core", "alias")
FILES = {"php": "libphp8.2.so"}  # modules whose file is not mod_NAME.so
START_SECONDS = 30.0
STOP_SECONDS = 1.0  # mod_wsgi 4.9.4 often never ends its daemons by itself
Module = str | tuple[str, str | Path]


class RefusedError(Exception):
    """httpd ended before it answered; the text is what it said on stderr and in its error log."""


def module_path(name: str) -> Path:
    """The file of one of Debian's modules: `ssl`, `wsgi`, `php`."""
    return MODULES / FILES.get(name, f"mod_{name}.so")


def load_module(module: Module) -> str:
    """The LoadModule line for a Debian module's name or for (identifier, path)."""
    if isinstance(module, str):
        module = (f"{module}_module", module_path(module))
    return f"LoadModule {module[0]} {module[1]}"


def find_free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def public_directory(prefix: str = "hostprobe-") -> Path:
    """A new directory that www-data may enter (pytest's own are 0700)."""
    directory = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    directory.chmod(0o755)
    return directory


class Httpd:
    """`with Httpd(["wsgi"], scripts={"app": SOURCE}) as httpd: httpd.get("/app")`.

    `modules` come after BASIC unless `basic` is given, in their order. `lines` follow them.
    Each of `scripts` is mounted with WSGIScriptAlias at its own name. The environment is PATH
    and LANG=C plus `environment`, nothing of the caller's. `single` starts `-X` (one process, no
    WSGI daemons), otherwise httpd forks its children, in the foreground. `before` are lines
    that must precede the LoadModule lines.
    """

    def __init__(  # noqa: PLR0913 (each is one knob of a test)
        self,
        modules: Sequence[Module] = (),
        lines: Sequence[str] = (),
        *,
        scripts: Mapping[str, str] | None = None,
        environment: Mapping[str, str] | None = None,
        basic: Sequence[Module] = BASIC,
        before: Sequence[str] = (),
        single: bool = True,
        binary: Path = BINARY,
    ) -> None:
        self.root = public_directory("hostprobe-httpd-")
        atexit.register(shutil.rmtree, self.root, ignore_errors=True)  # if it is never entered
        self.port = find_free_port()
        self.single, self.binary = single, binary
        self.environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
        self.environment |= environment or {}
        self.config = self.root / "httpd.conf"
        self.script_dir = self.root / "wsgi"
        self.process: subprocess.Popen[bytes] | None = None
        mounts = self.write_scripts(scripts or {})
        text = [*self.frame(), *before, *map(load_module, [*basic, *modules]), *lines, *mounts]
        self.config.write_text("\n".join(text) + "\n")

    def frame(self) -> list[str]:
        """The directives that keep this httpd apart from every other."""
        for name in ("run", "htdocs"):
            (self.root / name).mkdir()
        owner = ["User www-data", "Group www-data"] if os.geteuid() == 0 else []
        return [
            f"ServerRoot {self.root}",
            f"DefaultRuntimeDir {self.root}/run",
            f"PidFile {self.root}/run/httpd.pid",
            f"Mutex file:{self.root}/run default",
            f"ErrorLog {self.root}/error.log",
            f"DocumentRoot {self.root}/htdocs",
            "ServerName localhost",
            f"Listen 127.0.0.1:{self.port}",
            *owner,
        ]

    def write_scripts(self, scripts: Mapping[str, str]) -> list[str]:
        self.script_dir.mkdir()
        for name, source in scripts.items():
            (self.script_dir / f"{name}.wsgi").write_text(source)
        mounts = [f"WSGIScriptAlias /{name} {self.script_dir}/{name}.wsgi" for name in scripts]
        access = [f"<Directory {self.script_dir}>", "Require all granted", "</Directory>"]
        return [*mounts, *access] if mounts else []

    @property
    def command(self) -> list[str]:
        mode = "-X" if self.single else "-DFOREGROUND"
        return [str(self.binary), "-f", str(self.config), mode]

    @property
    def pid(self) -> int:
        """The parent; under `single` it is the process that answers, too."""
        assert self.process is not None
        return self.process.pid

    @property
    def error_log(self) -> str:
        """What stderr and the error log hold by now."""
        parts = [self.root / "stderr", self.root / "error.log"]
        return "".join(part.read_text("utf-8", "replace") for part in parts if part.exists())

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None and hasattr(error, "add_note"):
            error.add_note(f"error log of {self.config}:\n{self.error_log[-4000:]}")
        self.close()

    def write_environment(self) -> None:
        """`envvars` beside the configuration, where apache2ctl(8) takes the environment from."""
        exports = (f"export {name}={quote(value)}\n" for name, value in self.environment.items())
        (self.root / "envvars").write_text("".join(exports))

    def start(self) -> None:
        """Start and wait until a request is answered; RefusedError when httpd ends instead."""
        self.write_environment()
        with (self.root / "stderr").open("wb") as stderr:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RefusedError(f"exit status {self.process.returncode}\n{self.error_log}")
            try:
                self.get("/-ready-")
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise RefusedError(f"no answer within {START_SECONDS:.0f} s\n{self.error_log}")

    def get(self, path: str, seconds: float = 30.0, login: str = "") -> tuple[int, str]:
        """Status and body; OSError (http.client's are turned into one) when the child died.

        `login` is `user:password`.
        """
        word = base64.b64encode(login.encode()).decode()
        headers = {"Authorization": f"Basic {word}"} if login else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except http.client.HTTPException as error:
            raise ConnectionError(repr(error)) from error
        finally:
            connection.close()

    def restart_gracefully(self) -> None:
        """What logrotate asks for."""
        assert self.process is not None
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """SIGTERM, and after STOP_SECONDS SIGKILL to everything left in its process group."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        self.kill_group()
        self.process.wait()

    def kill_group(self) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)


def refusal(httpd: Httpd) -> str:
    """What httpd says when it does not start; an AssertionError if it does."""
    try:
        with httpd:
            raise AssertionError(f"httpd started with {httpd.config}")
    except RefusedError as refused:
        return str(refused)
