"""Directives that do nothing or harm where they stand: in daemons, in .htaccess, in rewriting."""

from __future__ import annotations

from tests.real.httpd import Httpd

MODULE = "NAME = 'shopkit'\n"
IMPORTING = """
import shopkit
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [shopkit.NAME.encode()]
"""
PLAIN = IMPORTING.replace("import shopkit\n", "").replace("shopkit.NAME", "'plain'")
NOT_FOUND = "No module named 'shopkit'"
NOT_ALLOWED = "WSGIProcessGroup not allowed here"
RULE = "RewriteRule ^/old(.*) /plain$1"


def host(*, cured: bool = False) -> Httpd:
    """/embedded and /daemon import a module of WSGIPythonPath, /fenced lies below a .htaccess."""
    scripts = {"embedded": IMPORTING, "daemon": IMPORTING, "plain": PLAIN}
    httpd = Httpd(["wsgi", "rewrite"], scripts=scripts)
    httpd.single = False
    packages, fenced = httpd.root / "packages", httpd.root / "fenced"
    for directory in (packages, fenced, httpd.root / "allowed"):
        directory.mkdir()
    (packages / "shopkit.py").write_text(MODULE)
    for directory in ("fenced", "allowed"):
        (httpd.root / directory / "app.wsgi").write_text(PLAIN)
    (fenced / ".htaccess").write_text("" if cured else "WSGIProcessGroup %{GLOBAL}\n")
    (httpd.root / "allowed/.htaccess").write_text("WSGIScriptReloading On\n")
    path = f" python-path={packages}" if cured else ""
    lines = [
        f"WSGIPythonPath {packages}",
        "WSGISocketPrefix run/wsgi",
        f"WSGIDaemonProcess shop threads=1{path}",
        "<Location /daemon>\nWSGIProcessGroup shop\n</Location>",
        f"WSGIScriptAlias /fenced {fenced}/app.wsgi",
        f"WSGIScriptAlias /allowed {httpd.root}/allowed/app.wsgi",
        f"<Directory {httpd.root}>\nAllowOverride All\nRequire all granted\n</Directory>",
        "RewriteEngine On",
        f"{RULE} [PT]" if cured else RULE,
        "RewriteRule ^/through(.*) /plain$1 [PT]",
    ]
    with httpd.config.open("a") as config:
        config.write("\n".join(lines) + "\n")
    return httpd
