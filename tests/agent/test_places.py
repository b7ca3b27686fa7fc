from pathlib import Path

import pytest

from hostprobe.agent.places import EVERY_NAME, MODULES, PACKAGES, places_of
from hostprobe.collect.root import Root
from hostprobe.report.json import document_of
from tests.report.sample import report


@pytest.fixture
def root(tmp_path):
    for name in (
        "etc/httpd/conf.d",
        "etc/httpd/sites-available",
        "usr/lib64/httpd/modules",
        "srv/venv/lib/site-packages",
        "var/lib/dpkg",
    ):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "etc/httpd/modules").symlink_to("../../usr/lib64/httpd/modules")
    (tmp_path / "etc/httpd/conf.d/shop.conf").symlink_to("/etc/httpd/sites-available/shop.conf")
    (tmp_path / "etc/httpd/sites-available/shop.conf").touch()
    found = Root(str(tmp_path))
    yield found
    found.close()


INSTANCE = {
    "httpd": {"config_file": "/etc/httpd/httpd.conf", "server_root": "/etc/httpd"},
    "configuration": {
        "files": ["/etc/httpd/httpd.conf", "/etc/httpd/conf.d/shop.conf"],
        "loads": [{"path": "/etc/httpd/modules/mod_wsgi.so"}],
    },
    "environments": [
        {"home": "/srv/venv", "search_path": ["/srv/venv/lib/site-packages", "/srv/lib", ""]}
    ],
}


def inside(root, document):
    """Places as paths of the root."""
    return [
        (path.removeprefix(root.directory), patterns)
        for path, patterns in places_of(document, root)
    ]


def test_everything_that_a_scan_of_the_same_host_reads_first_is_watched(root):
    assert set(inside(root, {"instances": [INSTANCE]})) == {
        ("/etc/httpd", EVERY_NAME),
        ("/etc/httpd/conf.d", EVERY_NAME),
        ("/etc/httpd/sites-available", EVERY_NAME),
        ("/usr/lib64/httpd/modules", MODULES),
        ("/srv/venv", ("pyvenv.cfg",)),
        ("/srv/venv/lib/site-packages", PACKAGES),
        ("/srv/lib", PACKAGES),
        ("/etc", ("ld.so.cache", "ld.so.preload", "passwd", "group")),
        ("/var/lib/dpkg", ("status",)),
    }


def test_a_place_is_named_once(root):
    found = inside(root, {"instances": [INSTANCE, INSTANCE]})
    assert len(found) == len(set(found))


def test_without_httpd_its_installation_is_waited_for(root):
    assert ("/var/lib/dpkg", ("status",)) in inside(root, {"instances": []})


def test_a_link_does_not_lead_out_of_the_root(root):
    Path(f"{root.directory}/etc/out").symlink_to("../../../../../tmp")
    instance = INSTANCE | {"environments": [{"home": None, "search_path": ["/etc/out"]}]}
    assert all(
        path.startswith(root.directory) for path, _ in places_of({"instances": [instance]}, root)
    )


def test_every_report_has_what_is_needed(root):
    found = dict(inside(root, document_of(report())))
    assert EVERY_NAME in found.values()
    assert PACKAGES in found.values()
