"""Booleans that applications need, by what their own code imports and their settings say."""

from dataclasses import replace

import pytest
from hostprobe_checks.selinux_boolean_off import selinux_boolean_off

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.selinux import PolicyBooleans, SelinuxMode
from hostprobe.model.outbound import ClosedBooleans, closed_booleans, makes_closures
from hostprobe.model.selinux import CONFIGURATION
from tests.model.linked_host import thing
from tests.model.mandatory import POLICY
from tests.model.sharing.host import applications

ENFORCING = SelinuxMode(enforcing=True, policy="targeted")
KEY = "SECRET_KEY = ''\n"
DATABASE, WIDE = "httpd_can_network_connect_db", "httpd_can_network_connect"
OFF = dict.fromkeys((DATABASE, WIDE, "httpd_can_sendmail", "httpd_execmem"), False)


def answer(body="", states=OFF, contents=(), mode=ENFORCING, known=frozenset()):
    policy = {} if states is None else {POLICY: PolicyBooleans(states)}
    host = {CONFIGURATION: mode} | policy | dict(contents)
    return closed_booleans(applications("", {"shop": body}, host), known, is_live=False)


def run(*args, **options):
    found = answer(*args, **options)
    assert isinstance(found, ClosedBooleans), found
    return list(selinux_boolean_off.body(found))


def booleans(*args, **options):
    return [finding.evidence["boolean"] for finding in run(*args, **options)]


def django(settings):
    script = "import sys\nsys.path.insert(0, '/srv/shop')\n"
    script += "os.environ['DJANGO_SETTINGS_MODULE'] = 'site_.settings'\n"
    files = {"/srv/shop/site_/__init__.py": "", "/srv/shop/site_/settings.py": f"{KEY}{settings}"}
    return {"body": script, "contents": files}


def databases(engine, host):
    entry = f"{{'ENGINE': 'django.db.backends.{engine}', 'HOST': {host}}}"
    return django(f"import os\nDATABASES = {{'default': {entry}}}\n")


def test_it_fires_for_a_client_of_a_database():
    (finding,) = run("import psycopg2\n")
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.possible)
    assert finding.subject == f"boolean:{DATABASE}"
    assert finding.affected == ("h/shop (/srv/shop/shop.wsgi)",)
    assert finding.remedy[0] == f"setsebool -P {DATABASE} on"
    assert finding.evidence["places"] == ["/srv/shop/shop.wsgi:2 imports psycopg2"]


@pytest.mark.parametrize(
    ("body", "boolean"),
    [
        ("from mysql import connector\n", DATABASE),
        ("import smtplib\n", "httpd_can_sendmail"),
        ("import urllib.request\n", WIDE),
        ("from urllib import request\n", WIDE),
        ("import redis\n", WIDE),
        ("def f():\n    import requests\n", WIDE),
        ("import numba\n", "httpd_execmem"),
    ],
)
def test_what_is_imported_tells_what_is_needed(body, boolean):
    assert booleans(body) == [boolean]


@pytest.mark.parametrize("name", ["httpd_can_connect_ldap", "httpd_can_network_connect_ldap"])
def test_the_names_are_those_of_the_hosts_policy(name):
    assert booleans("import ldap3\n", states=OFF | {name: False}) == [name]


@pytest.mark.parametrize(
    ("engine", "host", "found"),
    [
        ("postgresql", "'db.example.org'", [DATABASE]),
        ("postgresql", "'localhost'", [DATABASE]),
        ("postgresql", "os.environ['DB']", [DATABASE]),
        ("postgresql", "''", []),
        ("postgresql", "'/run/postgresql'", []),
        ("mysql", "'localhost'", []),
        ("mysql", "'127.0.0.1'", [DATABASE]),
        ("sqlite3", "''", []),
    ],
)
def test_django_tells_the_socket(engine, host, found):
    assert booleans(**databases(engine, host)) == found


def test_email_of_django_counts_where_it_is_sent():
    assert booleans(**django("EMAIL_HOST = 'mail'\n")) == ["httpd_can_sendmail"]
    quiet = "EMAIL_HOST = 'mail'\nEMAIL_BACKEND = 'django.core.mail.backends.console.EmailBackend'"
    assert booleans(**django(quiet)) == []


@pytest.mark.parametrize("name", [DATABASE, WIDE])
def test_it_is_silent_where_the_boolean_or_the_wider_one_is_on(name):
    assert run("import psycopg2\n", states=OFF | {name: True}) == []


@pytest.mark.parametrize(
    "body",
    ["import sqlite3, json, socket\n", "try:\n    import redis\nexcept ImportError:\n    pass\n"],
)
def test_it_is_silent_for_what_connects_to_nothing(body):
    assert run(body) == []


def test_it_is_silent_where_the_log_tells_already():
    assert run("import psycopg2\n", known=frozenset({DATABASE})) == []


def test_permissive_is_info():
    (finding,) = run("import smtplib\n", mode=SelinuxMode(enforcing=False, policy="targeted"))
    assert finding.severity is Severity.info


def test_unknown_states_are_no_finding():
    assert isinstance(answer("import smtplib\n", states=None), Missing)
    assert run("import smtplib\n", states={}) == []
    disabled = SelinuxMode(enforcing=False, disabled=True)
    assert isinstance(answer("import smtplib\n", mode=disabled), Absent)


@pytest.mark.parametrize(
    ("refers", "needed", "found"),
    [
        (["ffi_closure_alloc"], ["libffi.so.6"], True),
        (["ffi_prep_closure_loc"], ["libffi-ae16d830.so.6.0.4"], True),
        (["ffi_closure_alloc"], [], True),
        (["ffi_closure_alloc"], ["libffi.so.8"], False),
        (["ffi_closure_alloc"], ["libffi-ce22613a.so.8.1.2"], False),
        (["ffi_call"], ["libffi.so.6"], False),
    ],
)
def test_closures_need_execmem_only_with_an_old_libffi(refers, needed, found):
    assert makes_closures(replace(thing(refers=refers, needed=needed))) is found
