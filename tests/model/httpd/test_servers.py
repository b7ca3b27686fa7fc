"""Servers of a configuration and what holds in them."""

import pytest

from hostprobe.model.httpd.merge import effective, is_quick
from hostprobe.model.httpd.servers import server_root, servers
from tests.model.httpd.configuration import read


def host(text):
    return servers(read(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("ServerName a", ["a"]),
        ("ServerName a:8080", ["a:8080"]),
        ("ServerName https://a:443", ["a"]),
        ("Listen 8080\nServerName a", ["a:8080"]),
        ("Listen [::1]:81\nServerName [::1]", ["[::1]:81"]),
        ("ServerName a\n<VirtualHost *:80>\n</VirtualHost>", ["a", "a"]),
        ("<VirtualHost *:443>\nServerName b\n</VirtualHost>", ["", "b"]),
        ("<VirtualHost 1.2.3.4:81 *:82>\nServerName b\n</VirtualHost>", ["", "b:81"]),
        ("<VirtualHost *:81>\nServerName b:90\n</VirtualHost>", ["", "b:90"]),
        ("Listen 8080\n<VirtualHost *>\nServerName b\n</VirtualHost>", [":8080", "b:8080"]),
        ("<VirtualHost *:*>\nServerName b\n</VirtualHost>", ["", "b"]),
        ("<VirtualHost ::1>\nServerName b\n</VirtualHost>", ["", "b"]),
        ("ServerName a\nServerName b", ["b"]),
    ],
)
def test_servers_have_the_names_and_ports_of_httpd(text, expected):
    assert [str(server) for server in host(text)] == expected


def test_a_virtual_host_has_its_aliases_addresses_and_place():
    main, one = host("A b\n<VirtualHost *:80 *:81>\nServerAlias x y\nServerAlias z\n</VirtualHost>")
    assert main.is_main
    assert main.where is None
    assert (one.aliases, one.addresses) == (("x", "y", "z"), ("*:80", "*:81"))
    assert str(one.where) == "/e/main.conf:2"
    assert [directive.name for directive in one.inherited] == ["A"]


HOST = "<VirtualHost *>\n{}</VirtualHost>\n"
ON_SRV = "<Directory /srv>\nA {}\n</Directory>\n"
ON_X = "<Location /x>\nA {}\n</Location>\n"
MERGED = [
    ("A 1", "1"),
    ("A 1\nA 2", "2"),
    ("A 2\n<VirtualHost *>\nA 1\n</VirtualHost>", "1"),
    ("<VirtualHost *>\nA 1\n</VirtualHost>\nA 2", "1"),
    ("A 2\n<Directory /srv>\nA 1\n</Directory>", "1"),
    ("<Directory /srv/app>\nA 1\n</Directory>\n<Directory />\nA 2\n</Directory>", "1"),
    ("<Directory /srv/ap>\nA 2\n</Directory>\nA 1", "1"),
    ("<Directory /srv/app/>\nA 1\n</Directory>", "1"),
    ("<Directory /srv/*>\nA 1\n</Directory>", "1"),
    ("<Directory /*/app>\nA 1\n</Directory>", "1"),
    ("<Directory /*>\nA 1\n</Directory>", "1"),
    ("<Directory /*/x>\nA 2\n</Directory>\nA 1", "1"),
    ("<DirectoryMatch ^/s>\nA 1\n</DirectoryMatch>\n" + ON_SRV.format(2), "1"),
    ("<Directory ~ /a.p>\nA 1\n</Directory>", "1"),
    ("<Files w.py>\nA 1\n</Files>\n<Directory /srv>\nA 2\n</Directory>", "1"),
    ("<Directory /srv>\n<Files w.*>\nA 1\n</Files>\nA 2\n</Directory>", "1"),
    ("<FilesMatch \\.py$>\nA 1\n</FilesMatch>", "1"),
    ("<Files *.php>\nA 2\n</Files>\nA 1", "1"),
    ("<Location /x>\nA 1\n</Location>\n<Files w.py>\nA 2\n</Files>", "1"),
    ("<Location />\nA 1\n</Location>", "1"),
    ("<Location /x/>\nA 2\n</Location>\nA 1", "1"),
    ("<Location /xy>\nA 2\n</Location>\nA 1", "1"),
    ("<LocationMatch ^/x$>\nA 1\n</LocationMatch>", "1"),
    ("<Location /?>\nA 1\n</Location>", "1"),
    ("<Location /x>\nA 2\n</Location>\n<Location />\nA 1\n</Location>", "1"),
    (HOST.format(ON_X.format(1)) + ON_X.format(2), "1"),
    (HOST.format(ON_SRV.format(1)) + ON_SRV.format(2), "1"),
    (HOST.format("<Directory />\nA 2\n</Directory>\n") + ON_SRV.format(1), "1"),
    ('A 1\n<If "true">\nA 2\n</If>', "1"),
    ("A 1\n<Other>\nA 2\n</Other>", "1"),
    ("<Limit GET>\nA 1\n</Limit>", "1"),
    ("B 1", None),
    ("A 1\n<DirectoryMatch ((a+)+)+$>\nA 2\n</DirectoryMatch>", "1"),
    ("A 1\n<DirectoryMatch (>\nA 2\n</DirectoryMatch>", "1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MERGED)
def test_sections_are_merged_in_httpds_order(text, expected):
    found = effective(host(text)[-1], "a", "/srv/app/w.py", "/x")
    assert (found.args[0] if found else None) == expected


OTHERS = "".join(
    f"<{kind} /other/{number}>\nA other\n</{kind}>\n"
    for kind in ("Directory", "Location")
    for number in range(30)
)
AGAIN = [
    (ON_SRV.format(1) + "<Directory /*>\nA 2\n</Directory>\n" + ON_SRV.format(3), "3"),
    (ON_X.format(1) + "<Location /?>\nA 2\n</Location>\n", "2"),
    ("<Files w.py>\nA 1\n</Files>\n" + ON_SRV.format(2) + ON_SRV.format(3), "1"),
    ("<Directory /srv>\n<Files w.py>\nA 1\n</Files>\n</Directory>\n" + ON_SRV.format(2), "1"),
    (ON_SRV.format(1) + "<Directory /srv>\nB 2\n</Directory>", "1"),
    (ON_SRV.format(1) + "<DirectoryMatch /srv>\nA 2\n</DirectoryMatch>", "2"),
    ("<Files w\\\\.py>\nA 1\n</Files>", "1"),
]


@pytest.mark.parametrize(("text", "expected"), [*MERGED, *AGAIN])
def test_many_other_sections_change_nothing(text, expected):
    found = effective(host(OTHERS + text)[-1], "a", "/srv/app/w.py", "/x")
    assert (found.args[0] if found else None) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [(r"^/~(.+)/(.*)$", True), ("(a+)+", False), ("(a|b)*", True), (".*" * 6, False)],
)
def test_patterns_that_could_run_for_long_are_told_apart(pattern, expected):
    assert is_quick(pattern) is expected


def test_the_last_server_root_holds():
    assert server_root(read("")) == "/e"
    assert server_root(read("ServerRoot /e/m")) == "/e/m"
