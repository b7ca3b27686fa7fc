"""MySQL's wheel, with a client library inside, beside what brings in MariaDB's."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.real.build import cached
from tests.real.debs import unpacked
from tests.real.hosts.libxml2_mixed import make_symbolic
from tests.real.httpd import Httpd, Module
from tests.real.mysql_wheel import mysql_wheel
from tests.real.wsgi import wsgi_host

# Nobody listens at port 1: a client that works says so.
APPLICATION = """
import _mysql_connector

def answer():
    connection = _mysql_connector.MySQL()
    try:
        connection.connect(host="127.0.0.1", port=1, user="shop", password="", database="shop")
    except _mysql_connector.MySQLInterfaceError as error:
        return error.errno, connection.get_client_info()
"""
WORKING = "(2003, '8.4.0')"
VERSION = "8.4.0"
DRIVER = "DBDriver mysql"
Make = Callable[[], Httpd]


def host(
    *modules: Module, lines: tuple[str, ...] = (), path: Path | None = None, daemon: bool = False
) -> Httpd:
    packages = path or mysql_wheel(VERSION)
    return wsgi_host(APPLICATION, (*modules, "wsgi"), lines, path=packages, daemon=daemon)


def failing(*, daemon: bool = False) -> Httpd:
    return host("dbd", lines=(DRIVER,), daemon=daemon)


def cured_without_driver() -> Httpd:
    return host("dbd")


def symbolic() -> Httpd:
    """The same wheel as if linked with -Bsymbolic: two clients that keep to themselves."""

    def make(directory: Path) -> None:
        packages = directory / "site-packages"
        shutil.copytree(mysql_wheel(VERSION), packages)
        for built in packages.glob("_mysql_connector*.so"):
            make_symbolic(built)

    packages = cached("mysql-symbolic", VERSION, make) / "site-packages"
    return host("dbd", lines=(DRIVER,), path=packages)


def near_miss_php() -> Httpd:
    """PHP's mysqli uses mysqlnd, which is no client library."""
    extensions = next(unpacked("php8.2-mysql").glob("usr/lib/php/*"))

    def make(directory: Path) -> None:
        lines = [f"extension={extensions}/{name}.so\n" for name in ("mysqlnd", "mysqli")]
        (directory / "10-mysql.ini").write_text("".join(lines))

    httpd = host("php")
    httpd.environment["PHP_INI_SCAN_DIR"] = str(cached("mysqlnd-ini", str(extensions), make))
    return httpd
