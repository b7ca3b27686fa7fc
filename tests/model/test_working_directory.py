"""Where each process of an httpd works, planned and seen."""

import pytest

from hostprobe.facts.files import Missing
from tests.model.working_hosts import group, host, workplaces


def place(*groups, of="shop", **changes):
    (one,) = workplaces(host(*groups, **changes)).all
    return one.of(of)


@pytest.mark.parametrize(
    ("one", "path"),
    [
        (group(), "/"),
        (group(home="/srv/app"), "/srv/app"),
        (group(user="shop"), "/home/shop"),
        (group(user="#1000"), "/home/shop"),
        (group(user="shop", home="/srv/app"), "/srv/app"),
        (group(user="www-data"), "/"),
        (group(user="twin"), "/"),
    ],
    ids=["plain", "home", "user", "uid", "both", "apaches own", "same uid"],
)
def test_a_daemon_goes_to_home_or_to_the_home_of_another_user(one, path):
    assert place(one).path == path


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, "/"),
        ({"defines": ["SSL", "NO_DETACH"]}, "/"),
        ({"defines": ["FOREGROUND"]}, None),
        ({"defines": ["DEBUG"]}, None),
        ({"defines": ["FOREGROUND"], "directory": "/srv/run"}, "/srv/run"),
        ({"directory": "/srv/run"}, "/"),
    ],
    ids=["detached", "no-detach", "foreground", "-X", "unit", "unit detached"],
)
def test_httpd_moves_to_the_root_unless_it_stays_in_the_foreground(changes, path):
    assert place(of="", **changes).path == path
    assert place(group(), **changes).path == path


@pytest.mark.parametrize(
    ("of", "directories", "path"),
    [
        ("", {"child": "/tmp"}, "/"),
        ("", {"parent": "/tmp", "child": "/tmp"}, "/tmp"),
        ("", {"parent": "/tmp"}, "/tmp"),
        ("", {"parent": "/a", "child 1": "/a", "child 2": "/b"}, "/"),
        ("shop", {"parent": "/tmp", "shop": "/srv"}, "/srv"),
        ("shop", {"parent": "/tmp", "other": "/srv"}, "/"),
    ],
)
def test_where_processes_stand_counts_if_they_agree(of, directories, path):
    assert place(group(), of=of, directories=directories).path == path


def test_a_daemon_of_httpd_without_root_goes_to_its_callers_home():
    assert place(group(), start_user="shop").path == "/home/shop"


@pytest.mark.parametrize("one", [group(user="ldap"), group(chroot="/jail", home="/x")])
def test_what_the_root_does_not_tell_is_not_known(one):
    assert isinstance(place(one), Missing)


@pytest.mark.parametrize("of", [None, "other"])
def test_a_group_that_is_not_known_has_no_directory(of):
    assert isinstance(place(group(), of=of), Missing)
