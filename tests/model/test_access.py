"""Who may do what with a path; the kernel itself is asked in tests/oracle/test_access.py."""

import pytest

from hostprobe.facts.access import AccessControlList
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.mount import Mount
from hostprobe.model.access import (
    DAC_OVERRIDE,
    DAC_READ_SEARCH,
    FOWNER,
    PROTECTED_SYMLINKS,
    READ,
    SEARCH,
    WRITE,
    Access,
    Denial,
    Rule,
)
from hostprobe.model.cure import cures, deed, described
from hostprobe.model.mounts import Mounts
from hostprobe.model.users import ALL_CAPABILITIES, Credentials, Users
from tests.model.owned_files import OwnedFiles

WEB = Credentials("www-data", 33, 33, frozenset({33, 60}))
SHOP = Credentials("shop", 1000, 1000, frozenset({1000}))
SCRIPT = "/home/shop/app.wsgi"


def denied(who, wants=READ, path=SCRIPT, **changes):
    """Where and by what rule `who` is stopped; None where it is not."""
    owners = {SCRIPT: (0o600, 1000, 1000), "/home/shop": (0o755, 1000, 1000)}
    owners |= changes.pop("owners", {})
    found = Access(OwnedFiles({SCRIPT: ""}, owners, **changes)).denied(who, path, wants)
    assert found is None or isinstance(found, Denial)
    return (found.path, found.rule) if found else None


def test_a_file_of_the_user_itself_needs_no_more():
    assert denied(SHOP, READ | WRITE) is None
    assert denied(WEB) == (SCRIPT, Rule.OTHER)


def test_the_first_directory_that_stops_is_named():
    closed = {"/home/shop": (0o700, 1000, 1000)}
    assert denied(WEB, owners=closed) == ("/home/shop", Rule.OTHER)
    assert denied(SHOP, owners=closed) is None


def test_x_alone_opens_a_directory_but_does_not_list_it():
    home = {"/home/shop": (0o711, 1000, 1000), SCRIPT: (0o644, 1000, 1000)}
    assert denied(WEB, owners=home) is None
    assert denied(WEB, READ, "/home/shop", owners=home) == ("/home/shop", Rule.OTHER)
    assert denied(WEB, SEARCH, "/home/shop", owners=home) is None


@pytest.mark.parametrize(
    ("mode", "gid", "rule"),
    [(0o604, 33, Rule.GROUP), (0o604, 60, Rule.GROUP), (0o604, 1000, None), (0o640, 60, None)],
)
def test_a_member_of_the_group_is_not_one_of_the_others(mode, gid, rule):
    found = denied(WEB, owners={SCRIPT: (mode, 1000, gid)})
    assert found == ((SCRIPT, rule) if rule else None)


def test_an_owner_is_neither_group_nor_other():
    assert denied(SHOP, owners={SCRIPT: (0o077, 1000, 1000)}) == (SCRIPT, Rule.OWNER)


@pytest.mark.parametrize(
    ("acl", "expected"),
    [
        ("u::rw- u:33:r-- g::--- m::r-- o::---", None),
        ("u::rw- u:33:rw- g::--- m::--x o::r--", Rule.ACL_MASK),
        ("u::rw- u:33:--- g::--- m::rwx o::r--", Rule.ACL_USER),
        ("u::rw- g::--- g:60:r-- m::r-- o::---", None),
        ("u::rw- g::r-- g:60:--- m::r-- o::r--", Rule.ACL_GROUP),
        ("u::rw- u:7:r-- g::--- m::r-- o::---", Rule.OTHER),
        ("u::rw- u:7:r-- g::--- m::r-- o::r--", None),
    ],
)
def test_an_acl_decides_for_all_but_the_owner(acl, expected):
    found = denied(WEB, owners={SCRIPT: (0o640, 1000, 1000)}, acls={SCRIPT: acl})
    assert found == ((SCRIPT, expected) if expected else None)


def test_an_acl_whose_mask_is_empty_is_not_asked():
    acl = "u::rw- u:33:r-- g::r-- m::--- o::r--"
    assert denied(WEB, owners={SCRIPT: (0o604, 1000, 1000)}, acls={SCRIPT: acl}) is None


def test_the_directories_of_a_link_and_of_its_target_are_searched():
    links = {"/srv/shop": "/home/shop"}
    open_file = {SCRIPT: (0o644, 1000, 1000)}
    assert denied(WEB, path="/srv/shop/app.wsgi", links=links, owners=open_file) is None
    for closed in ("/srv", "/home"):
        owners = open_file | {closed: (0o700, 0, 0)}
        found = denied(WEB, path="/srv/shop/app.wsgi", links=links, owners=owners)
        assert found == (closed, Rule.OTHER)


def test_a_path_with_dots_searches_what_it_passes():
    owners = {SCRIPT: (0o644, 1000, 1000), "/srv/closed": (0o700, 0, 0)}
    path = "/srv/closed/../../home/shop/./app.wsgi"
    assert denied(WEB, path=path, owners=owners) == ("/srv/closed", Rule.OTHER)


@pytest.mark.parametrize(
    ("capabilities", "wants", "is_granted"),
    [
        (DAC_READ_SEARCH, READ, True),
        (DAC_READ_SEARCH, WRITE, False),
        (DAC_OVERRIDE, READ | WRITE, True),
        (DAC_OVERRIDE, SEARCH, False),
        (FOWNER, READ, False),
    ],
)
def test_capabilities_override_modes(capabilities, wants, is_granted):
    who = Credentials("root", 0, 0, frozenset(), capabilities)
    assert (denied(who, wants) is None) == is_granted


def test_every_component_that_stops_is_told():
    owners = {SCRIPT: (0o600, 1000, 1000), "/home/shop": (0o700, 1000, 1000)}
    found = Access(OwnedFiles({SCRIPT: ""}, owners)).denials(WEB, SCRIPT, READ)
    assert [one.path for one in found] == ["/home/shop", SCRIPT]


def replacement(who, *, mode, owner=0, file_owner=0):
    owners = {"/tmp/d": (mode, owner, 0), "/tmp/d/f": (0o600, file_owner, 0)}
    found = Access(OwnedFiles({"/tmp/d/f": ""}, owners)).replacement_denied(who, "/tmp/d/f")
    return None if found is None else found.rule


def test_a_file_is_replaced_by_who_may_write_its_directory():
    assert replacement(WEB, mode=0o777) is None
    assert replacement(WEB, mode=0o755) is Rule.OTHER


def test_in_a_sticky_directory_only_owners_replace():
    assert replacement(WEB, mode=0o1777) is Rule.STICKY
    assert replacement(WEB, mode=0o1777, file_owner=33) is None
    assert replacement(WEB, mode=0o1777, owner=33) is None
    assert replacement(Credentials("a", 33, 33, frozenset(), FOWNER), mode=0o1777) is None


def linked(path="/tmp/l", *, who=WEB, mode=0o1777, owner=0, link_owner=1000, protects="1\n"):
    """What stops `who` on a way over /tmp/l, a link to /srv/f."""
    files = OwnedFiles(
        {"/srv/f": "", "/srv/d/f": "", PROTECTED_SYMLINKS: protects},
        {"/tmp": (mode, owner, 0)},
        {"/tmp/l": "/srv/f", "/tmp/d": "/srv/d", "/srv/to": "/tmp/l", "/gone": "/tmp/g"}
        | {"/tmp/g": "/srv/none"},
        link_owners=dict.fromkeys(("/tmp/l", "/tmp/d", "/tmp/g"), link_owner),
    )
    found = Access(files).denied(who, path, READ)
    return (found.path, found.rule) if isinstance(found, Denial) else found


STOPPED = ("/tmp/l", Rule.LINK)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, STOPPED),
        ({"path": "/srv/to"}, STOPPED),
        ({"path": "/gone"}, ("/tmp/g", Rule.LINK)),
        ({"who": Credentials("root", 0, 0, frozenset(), ALL_CAPABILITIES)}, STOPPED),
        ({"path": "/tmp/d/f"}, None),
        ({"link_owner": 33}, None),
        ({"owner": 1000}, None),
        ({"mode": 0o777}, None),
        ({"mode": 0o1775}, None),
        ({"protects": "0\n"}, None),
        ({"protects": Missing("no such file", not_found=True)}, None),
    ],
    ids=str,
)
def test_the_last_link_in_a_sticky_directory_belongs_to_its_follower_or_the_directory(
    changes, expected
):
    assert linked(**changes) == expected


def test_a_link_that_is_not_followed_has_its_remedy():
    link = Denial("/tmp/l", Stat("/tmp", 1, 1, 0o41777, 0, 0, 0, 0), SEARCH, Rule.LINK, WEB)
    files = OwnedFiles({"/etc/passwd": "root:x:0:0::/:/bin/sh\n", "/etc/group": ""})
    users = Users(files)
    assert cures(files, users).of(link) == "chown -h root /tmp/l"
    assert "neither to www-data nor to root" in described(link, users)
    assert deed(link) == "follow"


def test_the_owner_of_a_link_counts_not_that_of_its_target():
    owners = {"/tmp/d": (0o1777, 0, 0), "/srv/f": (0o600, 33, 33)}
    files = OwnedFiles({"/srv/f": ""}, owners, {"/tmp/d/f": "/srv/f"}, link_owners={})
    assert Access(files).replacement_denied(WEB, "/tmp/d/f").rule is Rule.STICKY
    files = OwnedFiles({"/srv/f": ""}, owners, {"/tmp/d/f": "/srv/f"}, link_owners={"/tmp/d/f": 33})
    assert Access(files).replacement_denied(WEB, "/tmp/d/f") is None


def test_what_is_not_there_is_missing():
    access = Access(OwnedFiles({SCRIPT: ""}))
    assert access.denied(WEB, "/srv/none", READ).not_found
    assert access.denied(WEB, f"{SCRIPT}/below", READ).not_found


def test_a_loop_of_links_ends():
    files = OwnedFiles({}, {}, {"/a": "/b", "/b": "/a"})
    assert isinstance(Access(files).denied(WEB, "/a", READ), Missing)


class Bottomless:
    """A directory inside a directory inside a directory."""

    def stat(self, path):
        return Stat(path, 1, 1, 0o040755, 0, 0, 0, 0)

    def read(self, path, kind):
        return Missing(f"{path}: no data available", not_found=True)


def test_a_deep_path_costs_no_stack():
    assert Access(Bottomless()).denied(WEB, "/d" * 2000, READ) is None


def test_an_acl_that_cannot_be_read_decides_nothing():
    class Unreadable(OwnedFiles):
        def read(self, path, kind):
            if kind is AccessControlList and path == "/home":
                return Missing("/home: input/output error")
            return super().read(path, kind)

    assert Access(Unreadable({SCRIPT: ""})).denied(WEB, SCRIPT, READ) == Missing(
        "/home: input/output error"
    )


def test_a_closed_directory_is_told_although_nothing_behind_it_can_be_seen():
    class Blind(OwnedFiles):
        def stat(self, path):
            if path.startswith("/home/shop/"):
                return Missing(f"{path}: permission denied")
            return super().stat(path)

    files = Blind({SCRIPT: ""}, {"/home/shop": (0o700, 1000, 1000)})
    first, second = Access(files).denials(WEB, SCRIPT, READ)
    assert first.path == "/home/shop"
    assert second == Missing(f"{SCRIPT}: permission denied")


def on_mount(options, wants=WRITE, who=SHOP):
    home = Mount(2, 1, "/home", "ext4", options)
    table = {(0, "/"): Mount(1, 0, "/", "ext4", ("rw",)), (1, "/home"): home}
    access = Access(OwnedFiles({SCRIPT: ""}, {SCRIPT: (0o600, 1000, 1000)}), Mounts("", 0, table))
    return access.denied(who, SCRIPT, wants)


def test_nobody_writes_to_a_read_only_mount():
    root = Credentials("root", 0, 0, frozenset(), ALL_CAPABILITIES)
    for who in (SHOP, root):
        assert on_mount(("ro", "nosuid"), who=who).path == "/home"
        assert on_mount(("ro", "nosuid"), who=who).rule is Rule.READ_ONLY
        assert on_mount(("ro",), READ, who=who) is None
        assert on_mount(("ro", "rw"), who=who) is None
