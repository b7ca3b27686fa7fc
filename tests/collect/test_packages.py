import pytest

from hostprobe.collect.packages import Packages, object_lines
from hostprobe.facts.files import Missing
from hostprobe.facts.package import Owner

STATUS = b"""\
Package: libc6
Status: install ok installed
Multi-Arch: same
Architecture: amd64
Version: 2.36-9

Package: dash
Status: install ok installed
Architecture: amd64
Version: 0.5.12

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1
"""
DPKG = {
    "/var/lib/dpkg/status": STATUS,
    "/var/lib/dpkg/diversions": b"/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.orig\n:\n",
    "/var/lib/dpkg/info/libc6:amd64.list": b"/.\n/lib\n/lib/x86_64/libc.so.6\n",
    "/var/lib/dpkg/info/bash.list": b"/.\n/bin/sh\n",
    "/var/lib/dpkg/info/dash.list": b"/.\n/bin/sh\n/usr/bin/x\n/usr/share/doc/dash\n",
}
SITE = "/venv/lib/python3.11/site-packages"
WHEEL = {
    f"{SITE}/psycopg2_binary-2.9.dist-info/RECORD": b'psycopg2/_psycopg.so,,\n"a,b.so",,\n',
    f"{SITE}/psycopg2_binary-2.9.dist-info/METADATA": b"Metadata-Version: 2.1\n"
    b"Name: psycopg2-binary\nVersion: 2.9\n\nVersion: no header\n",
    f"{SITE}/bare-1.dist-info/RECORD": b"x.so,,\nbare.so,,\n",
}


def packages(files):
    def read(path, _cap):
        return files.get(path, Missing(f"{path}: no such file or directory", not_found=True))

    def names(folder):
        found = {
            path[len(folder) + 1 :].split("/")[0] for path in files if path.startswith(f"{folder}/")
        }
        return tuple(sorted(found)) or Missing(
            f"{folder}: no such file or directory", not_found=True
        )

    return Packages(read, names)


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/lib/x86_64/libc.so.6", Owner("dpkg", "libc6", "2.36-9")),
        ("/usr/lib/x86_64/libc.so.6", Owner("dpkg", "libc6", "2.36-9")),
        ("/usr/bin/sh", Owner("dpkg", "dash", "0.5.12")),
        ("/usr/bin/sh.distrib", Owner("dpkg", "bash", "")),
        ("/usr/share/doc/dash", Owner("dpkg", "dash", "0.5.12")),
        (f"{SITE}/psycopg2/_psycopg.so", Owner("wheel", "psycopg2-binary", "2.9")),
        (f"{SITE}/a,b.so", Owner("wheel", "psycopg2-binary", "2.9")),
        (f"{SITE}/bare.so", Owner("wheel", "bare", "1")),
        (f"{SITE}/x.so", Owner("wheel", "bare", "1")),
    ],
)
def test_the_package_that_installed_a_file_is_found(path, owner):
    assert packages(DPKG | WHEEL).owner(path) == owner


def test_what_debian_packages_of_python_is_debians():
    folder = "/usr/lib/python3/dist-packages"
    files = DPKG | {
        f"{folder}/bare-1.dist-info/RECORD": b"bare.so,,\n",
        "/var/lib/dpkg/info/dash.list": f"{folder}/bare.so\n".encode(),
    }
    assert packages(files).owner(f"{folder}/bare.so") == Owner("dpkg", "dash", "0.5.12")


@pytest.mark.parametrize("path", ["/lib/x86_64/libc.so", "/usr/local/lib/libc.so.6", "/usr/bin/x"])
def test_what_nobody_installed_has_no_owner(path):
    """Also what stands at a path that the administrator diverted."""
    assert packages(DPKG).owner(path) == Missing(f"{path}: no package owns it", not_found=True)


def test_an_rpm_host_says_that_its_database_is_not_readable():
    found = packages({"/var/lib/rpm/rpmdb.sqlite": b""}).owner("/usr/lib64/libc.so.6")
    assert not found.not_found
    assert "librpm" in found.reason


def test_a_host_without_package_manager_still_knows_its_wheels():
    assert packages(WHEEL).owner(f"{SITE}/bare.so") == Owner("wheel", "bare", "1")
    assert "no package database" in packages(WHEEL).owner("/usr/lib/a.so").reason


def test_a_damaged_status_file_costs_only_the_version():
    damaged = packages(DPKG | {"/var/lib/dpkg/status": b"\0garbage"})
    assert damaged.owner("/lib/x86_64/libc.so.6") == Owner("dpkg", "libc6", "")


def test_only_what_findings_ask_for_is_kept():
    listing = b"/.\n/usr/bin/a.so\n/usr/share/doc\n/lib/b.so.1\n/sbin/c"
    assert set(object_lines(listing).split(b"\n")) == {
        *(b"/usr/bin/a.so", b"/lib/b.so.1", b"/sbin/c", b"")
    }
