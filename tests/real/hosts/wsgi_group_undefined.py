"""Virtual hosts whose applications ask for process groups that they cannot all have."""

from __future__ import annotations

from tests.real.httpd import Httpd, find_free_port

APP = """
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ["mod_wsgi.process_group"].encode()]
"""
NAMES = ("undefined", "foreign", "own", "twin", "later", "main")
WORKING = {"own": "a.example", "twin": "a.example", "later": "b.example", "main": "b.example"}
FAILING = {"undefined": "b.example", "foreign": "b.example"}
NO_GROUP = "No WSGI daemon process called 'nowhere' has been configured"
NO_ACCESS = "Daemon process called 'own' cannot be accessed by this WSGI application"


def host(*, cured: bool = False) -> Httpd:
    """`own` belongs to a.example, `main` and `later` to the main server, `nowhere` to nobody."""
    httpd = Httpd(["wsgi"], ["WSGISocketPrefix run/wsgi"], scripts=dict.fromkeys(NAMES, APP))
    httpd.single = False
    other = find_free_port()
    lines = httpd.config.read_text().splitlines()
    lines = [line for line in lines if not line.startswith("WSGIScriptAlias")]
    alias = {name: f"WSGIScriptAlias /{name} {httpd.script_dir}/{name}.wsgi" for name in NAMES}
    main = "WSGIDaemonProcess main threads=1"
    own = "WSGIDaemonProcess own threads=1"
    site = [
        "<VirtualHost *:{port}>\nServerName a.example",
        "" if cured else own,
        f"{alias['own']} process-group=own application-group=%{{GLOBAL}}\n</VirtualHost>",
    ]
    twin = ["<VirtualHost *:{other}>\nServerName a.example", alias["twin"] + " process-group=own"]
    neighbour = [
        "</VirtualHost>\n<VirtualHost *:{port}>\nServerName b.example",
        alias["undefined"] + " process-group=nowhere",
        alias["foreign"] + " process-group=own",
        alias["main"] + " process-group=main",
        alias["later"] + " process-group=later",
        "</VirtualHost>\nWSGIDaemonProcess later threads=1",
    ]
    more = [own, "WSGIDaemonProcess nowhere threads=1"] if cured else []
    sites = "\n".join([f"Listen 127.0.0.1:{other}", main, *more, *site, *twin, *neighbour])
    sites = sites.replace("{port}", str(httpd.port)).replace("{other}", str(other))
    httpd.config.write_text("\n".join([*lines, sites]) + "\n")
    return httpd
