"""The instance that a configuration text with mod_wsgi makes, with the files it was read from."""

from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.topology import build_topology
from tests.model.memory_files import MemoryFiles, elf

LIB = "libpython3.11.so.1.0"
HOST = {
    "/m/wsgi.so": elf(needed=[LIB]),
    f"/usr/lib/{LIB}": elf(),
    "/usr/lib/python3.11/os.py": "",
    "/usr/bin/python3": "",
    "/srv/shop/a.wsgi": "",
    "/srv/shop/lib/shop.py": "",
}


def configured(text, contents=()):
    """(files, topology) of one httpd whose configuration file is `/c`."""
    files = MemoryFiles(
        HOST | dict(contents) | {"/c": "LoadModule wsgi_module /m/wsgi.so\n" + text}
    )
    start = HttpdStart("/httpd", "/c", "/", environment={})
    return files, build_topology(files, (evaluate(files, start, None),))


def host(name, text, address="*:80"):
    """A virtual host; without ServerName for None."""
    named = f"ServerName {name}\n" if name else ""
    return f"<VirtualHost {address}>\n{named}{text}\n</VirtualHost>\n"
