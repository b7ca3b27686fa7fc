"""An httpd as Debian configures it, with an application that imports every extension there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.real.build import public, python_variable
from tests.real.httpd import Httpd
from tests.wheels import wheels_venv

Make = Callable[[], Httpd]
AVAILABLE = Path("/etc/apache2/mods-available")
# What a2query -m says after installing apache2 on Debian 12, without the MPM.
DEFAULT = (
    "access_compat",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "mime",
    "negotiation",
    "reqtimeout",
    "setenvif",
    "status",
)
# The same with ssl, php, perl and svn; mod_php runs under prefork only.
PHP = next((path.stem for path in sorted(AVAILABLE.glob("php*.load"))), "php")
RICH = ("socache_shmcb", "ssl", PHP, "perl", "dav", "dav_svn", "authz_svn")

HEAD = """
import json

answer = {}
"""
# Written out, not importlib: a scan reads imports from the source.
ATTEMPT = """
try:
    import {name}
except BaseException as error:
    answer["{name}"] = f"{{type(error).__name__}}: {{error}}"
else:
    answer["{name}"] = ""
"""
TAIL = """

def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]
"""


def importing(names: Sequence[str]) -> str:
    """A WSGI script that imports these when it is loaded."""
    return "".join((HEAD, *(ATTEMPT.format(name=name) for name in names), TAIL))


def module_names(directory: Path) -> list[str]:
    """Dotted names of the extension modules below a directory of sys.path."""
    suffixes = (python_variable("EXT_SUFFIX"), ".abi3.so")
    found = [
        path.relative_to(directory)
        for path in directory.rglob("*.so")
        if path.name.endswith(suffixes)
    ]
    return sorted(".".join((*path.parent.parts, path.name.partition(".")[0])) for path in found)


def stdlib_names() -> list[str]:
    return module_names(Path(python_variable("DESTSHARED")))


def wheel_names() -> list[str]:
    """Extensions of the wheels, without the ones that only their own test suites import."""
    packages = next(wheels_venv().glob("lib/python3.*/site-packages"))
    return [name for name in module_names(packages) if "test" not in name]


def stock_host(extra: Sequence[str] = (), *, mpm: str = "", single: bool = True) -> Httpd:
    """Debian's default modules, `extra` and mod_wsgi, enabled as a2enmod does it.

    The application /shop answers with {extension module: "" or its ImportError}.
    """
    mpm = mpm or ("mpm_prefork" if PHP in extra else "mpm_event")
    script = importing([*stdlib_names(), *wheel_names()])
    lines = ["IncludeOptional mods-enabled/*.load", "IncludeOptional mods-enabled/*.conf"]
    lines += [f"WSGIPythonHome {public(wheels_venv())}", "WSGIApplicationGroup %{GLOBAL}"]
    httpd = Httpd((), lines, scripts={"shop": script}, basic=(), single=single)
    enable(httpd, [*DEFAULT, mpm, *extra, "wsgi"])
    httpd.environment |= envvars(httpd.root)
    return httpd


def rich_host(*, single: bool = True) -> Httpd:
    return stock_host(RICH, single=single)


# A usual application's wheels: 30 extensions.
USUAL = (
    *("lxml", "PIL", "pillow.libs", "psycopg2", "psycopg2_binary.libs", "cryptography", "cffi"),
    *("bcrypt", "markupsafe", "yaml", "yarl", "multidict", "propcache", "orjson", "msgpack"),
    *("charset_normalizer", "psutil", "idna", "pycparser", "typing_extensions.py"),
)
IMPORTS = (
    *("lxml.etree", "PIL.Image", "psycopg2", "bcrypt", "markupsafe", "yaml", "yarl", "orjson"),
    *("cryptography.hazmat.primitives.hashes", "msgpack", "psutil", "ssl", "sqlite3", "readline"),
)


def usual_host() -> Httpd:
    """The rich host with a virtual environment of 30 extensions, most of them imported."""
    httpd = stock_host(RICH)
    home = httpd.root / "venv"
    packages = next(wheels_venv().glob("lib/python3.*/site-packages"))
    ours = home / packages.relative_to(wheels_venv())
    ours.mkdir(parents=True)
    (home / "pyvenv.cfg").write_text((wheels_venv() / "pyvenv.cfg").read_text())
    for name in (*USUAL, *(path.name for path in packages.glob("_cffi_backend*"))):
        (ours / name).symlink_to(packages / name)
    (httpd.script_dir / "shop.wsgi").write_text(importing(IMPORTS))
    text = httpd.config.read_text()
    httpd.config.write_text(text.replace(str(public(wheels_venv())), str(home)))
    return httpd


def enable(httpd: Httpd, names: Sequence[str]) -> None:
    enabled = httpd.root / "mods-enabled"
    enabled.mkdir()
    for name in names:
        for suffix in (".load", ".conf"):
            if (target := AVAILABLE / (name + suffix)).exists():
                (enabled / target.name).symlink_to(target)


def envvars(root: Path) -> dict[str, str]:
    """What Debian's envvars sets, inside the directory of this httpd."""
    return {
        "APACHE_RUN_USER": "www-data",
        "APACHE_RUN_GROUP": "www-data",
        "APACHE_PID_FILE": f"{root}/run/httpd.pid",
        "APACHE_RUN_DIR": f"{root}/run",
        "APACHE_LOCK_DIR": f"{root}/run",
        "APACHE_LOG_DIR": str(root),
    }


def failed_imports(httpd: Httpd) -> dict[str, str]:
    """What /shop could not import, with the error."""
    status, body = httpd.get("/shop", seconds=120)
    assert status == 200, httpd.error_log
    answer: dict[str, str] = json.loads(body)
    return {name: error for name, error in answer.items() if error}
