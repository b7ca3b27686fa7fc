"""Python 2.7 of Debian 11 under mod_wsgi 4.9.4, and imports that do not wait for its lock."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.real.build import cached, httpd_headers, public, run
from tests.real.httpd import Httpd
from tests.real.release_debs import of_release

SDIST = "mod_wsgi==4.9.4"
PACKAGES = (
    *("libpython2.7-dev", "libpython2.7", "libpython2.7-minimal", "libpython2.7-stdlib"),
    "python2.7-minimal",
)
SLOW = "import time\ntime.sleep(2)\n"
SCRIPT = """
import os
import sys
import threading
import time
{first}
sys.path.insert(0, os.path.dirname(__file__))


def load():
    import slow


def application(environ, start_response):
    loading = threading.Thread(target=load)
    loading.start()
    time.sleep(0.5)
    try:
        text = str(time.strptime("24", "%d").tm_mday)
    except ImportError as error:
        text = str(error)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
"""


def tree() -> Path:
    """The packages, unpacked."""
    return of_release("bullseye", *PACKAGES)


def module() -> Path:
    """mod_wsgi for that Python; the library is found by its own path."""
    place = tree()
    library = place / "usr/lib/x86_64-linux-gnu"

    def make(directory: Path) -> None:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary"]
        run(*pip, ":all:", "--dest", directory, SDIST)
        run("tar", "-xf", *directory.glob("*.tar.gz"), "-C", directory, "--strip-components=1")
        headers = (f"-I{place}/usr/include/python2.7", f"-I{place}/usr/include")
        code = sorted((directory / "src/server").glob("*.c"))
        command = ["gcc", "-w", "-shared", "-fPIC", "-O1", "-o", directory / "mod_wsgi.so", *code]
        linked = [library / "libpython2.7.so.1.0", f"-Wl,-rpath,{public(library)}"]
        run(*command, *httpd_headers(), *headers, *linked)
        shutil.rmtree(directory / "src")

    return cached("mod-wsgi-py27", f"{SDIST} {place.name}", make) / "mod_wsgi.so"


def host(first: str = "") -> Httpd:
    """An application that parses its first date while another thread of it imports a module."""
    lines = [f"WSGIPythonHome {public(tree() / 'usr')}"]
    httpd = Httpd([("wsgi_module", module())], lines, scripts={"shop": SCRIPT.format(first=first)})
    (httpd.script_dir / "slow.py").write_text(SLOW)
    return httpd
