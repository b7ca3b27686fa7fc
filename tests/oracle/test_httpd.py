"""httpd with embedded Python: every binding of every object equals glibc's own record."""

import pytest

from tests.oracle.compare import predicted_bindings
from tests.oracle.httpd import compare_httpd, plan_of, record_httpd
from tests.wheels import wheels_venv

pytestmark = pytest.mark.real

IMPORTS = ("numpy", "lxml.etree", "psycopg2", "ssl", "sqlite3", "pyexpat")
MORE = (
    *IMPORTS, "lxml.objectify", "PIL._imaging", "readline", "curses", "ctypes", "bz2", "lzma",
    "hashlib", "decimal", "zlib", "yaml", "msgpack", "ujson", "greenlet", "markupsafe", "uuid",
)  # fmt: skip
ALL = ("socache_shmcb", "ssl", "php", "dav", "dav_svn", "authz_svn", "perl", "wsgi")


PERL = ("POSIX", "Socket", "Apache2::RequestRec", "Apache2::ServerUtil", "Digest::MD5", "Encode")


def record(modules, imports):
    lines = [f"WSGIPythonHome {wheels_venv()}"]
    if "perl" in modules:
        lines += [f"PerlModule {name}" for name in PERL]
    return record_httpd(modules, imports, lines=lines)


def test_httpd_with_ssl_and_wsgi_binds_as_predicted():
    paths, log = record(("socache_shmcb", "ssl", "wsgi"), IMPORTS)
    process = compare_httpd(plan_of(paths, log), log)
    assert len(predicted_bindings(process)) > 20_000


def test_httpd_with_php_perl_and_svn_binds_as_predicted():
    paths, log = record(ALL, MORE)
    process = compare_httpd(plan_of(paths, log), log)
    assert len(process.objects) > 140
    assert len(predicted_bindings(process)) > 40_000


def test_modules_in_another_order_bind_as_predicted():
    order = ("wsgi", "perl", "dav", "dav_svn", "authz_svn", "php", "socache_shmcb", "ssl")
    paths, log = record(order, MORE)
    compare_httpd(plan_of(paths, log), log)
