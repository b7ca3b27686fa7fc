"""Applications in interpreters of one process, with extensions that mind and that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.real.build import public
from tests.real.httpd import Httpd
from tests.wheels import wheels_venv

SITES = ("shop", "wiki")
SCRIPT = """
# {name}
{imports}

def answer():
    {body}


def application(environ, start_response):
    text = repr(answer())
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
"""
IMPORTED = "return 'imported'"


def script(name: str, *modules: str, body: str = IMPORTED) -> str:
    """Imports the modules when it is loaded; `body` is what `answer()` does."""
    imports = "".join(f"import {module}\n" for module in modules)
    return SCRIPT.format(name=name, imports=imports, body=body)


def both(*modules: str, body: str = IMPORTED) -> dict[str, str]:
    """Two applications that do the same."""
    return {name: script(name, *modules, body=body) for name in SITES}


def pairs(*modules: str) -> dict[str, str]:
    """Two applications for each module: shop-0, wiki-0, shop-1 ..."""
    return {
        f"{site}-{number}": script(site, module)
        for number, module in enumerate(modules)
        for site in SITES
    }


def host(
    scripts: Mapping[str, str],
    lines: Sequence[str] = (),
    *,
    daemon: str = "",
    home: Path | None = None,
) -> Httpd:
    """An httpd with these scripts in one process: embedded, or a daemon with these options.

    `home` is the Python home, the wheels' unless it says otherwise.
    """
    where = [f"WSGIPythonHome {public(home or wheels_venv())}", *lines]
    if daemon:
        where += ["WSGISocketPrefix run/wsgi", f"WSGIDaemonProcess {daemon} home=/"]
        where += [f"WSGIProcessGroup {daemon.split(maxsplit=1)[0]}"]
    return Httpd(["wsgi"], where, scripts=scripts, single=not daemon)


GOOD = (
    *("PIL.Image", "psutil", "regex", "greenlet", "lz4.frame", "zstandard", "ujson"),
    *("_cffi_backend", "psycopg2.extensions"),
)
USE = """
    import decimal, sqlite3, ssl, readline, io
    assert PIL.Image.open(io.BytesIO(png())).size == (2, 3)
    assert psutil.Process().pid and regex.match("a+", "aa")[0] == "aa"
    assert greenlet.greenlet(lambda: 1).switch() == 1
    assert lz4.frame.decompress(lz4.frame.compress(b"x")) == b"x"
    assert zstandard.decompress(zstandard.compress(b"x")) == b"x"
    assert ujson.loads(ujson.dumps({"a": decimal.Decimal(1)})) == {"a": 1.0}
    _cffi_backend.new_primitive_type("int")
    number = psycopg2.extensions.DECIMAL("1.5", None)
    assert isinstance(number, decimal.Decimal), type(number)
    return "used"

def png():
    import io
    file = io.BytesIO()
    PIL.Image.new("RGB", (2, 3)).save(file, "PNG")
    return file.getvalue()
""".strip()
"""Every module of the table of those that share well, and some of the standard library."""


def good() -> Httpd:
    """Two applications that use what is known to be good."""
    return host(both(*GOOD, body=USE))


LOGIN = """
import {module}

def check_password(environ, user, password):
    return True
"""


def behind_a_login(module: str) -> Httpd:
    """An application, and a script in the main interpreter that lets everybody in to it."""
    httpd = Httpd(
        ["authn_core", "authz_user", "auth_basic", "wsgi"],
        [f"WSGIPythonHome {public(wheels_venv())}"],
        scripts={"shop": script("shop", module)},
    )
    login = httpd.script_dir / "login.py"
    login.write_text(LOGIN.format(module=module))
    section = "<Location /shop>\nAuthType Basic\nAuthName shop\nAuthBasicProvider wsgi\n"
    section += f"WSGIAuthUserScript {login}\nRequire valid-user\n</Location>\n"
    httpd.config.write_text(httpd.config.read_text() + section)
    return httpd
