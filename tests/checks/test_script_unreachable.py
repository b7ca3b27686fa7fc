"""What an application consists of, and the two users that have to come to it."""

from dataclasses import replace

import pytest
from hostprobe_checks.script_unreachable import script_unreachable

from hostprobe.check import Certainty, Severity
from hostprobe.model.instance import Extension
from hostprobe.model.python.own_module import OwnModule, Reached
from tests.model.permitted import SCRIPT, USUAL, group, one_instance, permitted

SHOP = group("shop", "shop", "shop")
HOME = "/home/shop/app.wsgi"
AS_SHOP = {"script": HOME, "process_group": "shop"}


def run(one=None, **host):
    contents = {HOME: ""} | host.pop("contents", {})
    return list(script_unreachable.body(permitted(one or one_instance(), contents, **host)))


def of_shop(owners, **host):
    """The application in the home of user shop, with a daemon of that user."""
    one = one_instance(AS_SHOP, groups=[SHOP], said=host.pop("said", USUAL))
    return run(one, owners=owners, **host)


def test_it_is_silent_where_everybody_may_read():
    assert run() == []


def test_it_fires_for_a_script_that_the_child_may_not_read():
    (finding,) = run(owners={SCRIPT: (0o600, 1000, 1000)})
    assert finding.subject == f"path:{SCRIPT}"
    assert finding.title == f"www-data may not read {SCRIPT}"
    assert finding.severity is Severity.critical
    assert finding.certainty is Certainty.certain
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy[0] == f"setfacl -m u:www-data:r {SCRIPT}"
    assert "user=shop" in finding.remedy[1]


def test_it_is_silent_for_a_closed_script_of_the_daemon_s_own_user():
    assert of_shop({HOME: (0o600, 1000, 1000)}) == []


def test_it_fires_for_a_closed_home_although_the_daemon_may_enter():
    (finding,) = of_shop({HOME: (0o600, 1000, 1000), "/home/shop": (0o700, 1000, 1000)})
    assert finding.title == "www-data may not search /home/shop"
    assert finding.remedy == ("chmod o+x /home/shop",)
    assert "AH00035" in finding.detail


def test_it_is_silent_for_a_home_with_0711():
    assert of_shop({HOME: (0o600, 1000, 1000), "/home/shop": (0o711, 1000, 1000)}) == []


def test_it_fires_for_the_daemon_that_may_not_read():
    (finding,) = of_shop({HOME: (0o640, 0, 33)})
    assert finding.title == f"shop may not read {HOME}"


def test_it_fires_for_an_entry_that_the_mask_cancels():
    acls = {SCRIPT: "u::rw- u:33:r-- g::r-- m::-w- o::---"}
    (finding,) = run(owners={SCRIPT: (0o620, 0, 0)}, acls=acls)
    assert finding.remedy == (f"setfacl -m m::rw {SCRIPT}",)


def test_it_is_silent_for_an_entry_that_the_mask_lets_through():
    acls = {SCRIPT: "u::rw- u:33:r-- g::--- m::r-- o::---"}
    assert run(owners={SCRIPT: (0o640, 0, 0)}, acls=acls) == []


def test_it_names_what_stops_behind_a_link_not_the_link():
    (finding,) = run(
        one_instance({"script": "/srv/link/app.wsgi"}),
        owners={"/home": (0o700, 0, 0)},
        links={"/srv/link": "/home/shop"},
    )
    assert finding.subject == "path:/home"


def test_one_component_is_one_finding_for_all_applications_behind_it():
    (finding,) = run(
        one_instance({"script": HOME}, {"script": HOME, "mount": "/b"}),
        owners={"/home/shop": (0o700, 1000, 1000)},
    )
    assert len(finding.affected) == 2


def test_both_users_of_one_component_are_in_one_finding():
    one = one_instance(AS_SHOP, groups=[SHOP])
    (finding,) = run(one, owners={"/home": (0o700, 0, 0)})
    assert finding.title == "www-data and shop may not search /home"
    assert finding.remedy == ("chmod o+x /home",)


ACCESS_FILE = "/home/shop/.htaccess"


@pytest.mark.parametrize(
    ("said", "mode", "fires"),
    [
        ((("AllowOverride", "All"),), 0o600, True),
        ((("AllowOverride", "None"),), 0o600, False),
        ((), 0o600, False),
        ((("AllowOverride", "All"),), 0o644, False),
        ((("AllowOverride", "All"), ("AccessFileName", ".other")), 0o600, False),
        ((("AllowOverride", "None"), ("AllowOverrideList", "Redirect")), 0o600, True),
        ((("AllowOverride", "None"), ("AllowOverrideList", "None")), 0o600, False),
    ],
)
def test_it_fires_for_an_access_file_only_where_httpd_opens_it(said, mode, fires):
    found = of_shop(
        {ACCESS_FILE: (mode, 1000, 1000)},
        contents={ACCESS_FILE: ""},
        said=(*USUAL, ("ServerName", "example.org"), *said),
    )
    assert [one.subject for one in found] == ([f"path:{ACCESS_FILE}"] if fires else [])


SITE = "/venv/lib/python3.11/site-packages"


def test_it_fires_for_an_import_path_that_may_not_be_listed():
    one = one_instance(said=(*USUAL, ("WSGIPythonPath", "/srv/lib")))
    (finding,) = run(one, owners={"/srv/lib": (0o711, 0, 0)})
    assert finding.title == "www-data may not list and search /srv/lib"


def test_it_is_silent_for_an_import_path_that_is_not_there():
    assert run(one_instance(said=(*USUAL, ("WSGIPythonPath", "/srv/none")))) == []


def test_it_fires_for_the_packages_of_a_closed_environment():
    one = one_instance(python={"home": "/venv", "search_path": (SITE,)})
    (finding,) = run(one, owners={SITE: (0o755, 0, 0), "/venv": (0o750, 1000, 1000)})
    assert finding.subject == "path:/venv"
    assert finding.certainty is Certainty.certain


def test_it_fires_for_an_extension_and_says_that_it_is_likely():
    path = f"{SITE}/shop/_fast.so"
    one = one_instance({"reachable": (Extension("shop._fast", path),)})
    (finding,) = run(one, contents={path: ""}, owners={path: (0o640, 0, 0)})
    assert finding.certainty is Certainty.likely
    assert finding.remedy == (f"chgrp www-data {path}",)


def test_it_fires_for_a_module_of_its_own_that_is_imported_at_start():
    path = "/srv/lib/models.py"
    for reached, number in ((Reached.IMPORT, 1), (Reached.BESIDE, 0)):
        one = one_instance({"own": (OwnModule(path, "models", reached),)})
        assert len(run(one, contents={path: ""}, owners={path: (0o600, 1000, 1000)})) == number


def test_it_fires_for_an_import_script():
    (application,) = one_instance().applications
    for directive in ("WSGIImportScript", "WSGIAuthUserScript"):
        script = replace(application, script=HOME, process_group="", directive=directive)
        (finding,) = run(one_instance(scripts=(script,)), owners={HOME: (0o600, 1000, 1000)})
        assert finding.evidence["wanted"] == [HOME]


@pytest.mark.parametrize(
    "one",
    [
        one_instance(said=(("Group", "www-data"),)),
        one_instance(said=(("User", "ldapuser"), ("Group", "www-data"))),
        one_instance(said=USUAL, start_user="ldapuser"),
    ],
)
def test_it_judges_nothing_for_a_user_that_is_not_known(one):
    host = permitted(one, owners={SCRIPT: (0o600, 0, 0)})
    assert list(script_unreachable.body(host)) == []
    (reason,) = host.unknown()
    assert "is not known" in reason


def test_it_judges_no_daemon_with_a_root_directory_of_its_own():
    one = one_instance({"process_group": "shop"}, groups=[group("shop", chroot="/jail")])
    assert run(one, owners={SCRIPT: (0o600, 0, 0)}) == []


@pytest.mark.parametrize(
    ("owners", "setfacl", "remedy"),
    [
        ({SCRIPT: (0o640, 1000, 0)}, True, f"chgrp www-data {SCRIPT}"),
        ({SCRIPT: (0o640, 1000, 50)}, True, f"setfacl -m u:www-data:r {SCRIPT}"),
        ({SCRIPT: (0o640, 1000, 50)}, False, f"chmod o+r {SCRIPT}"),
        ({SCRIPT: (0o600, 1000, 33)}, True, f"chmod g+r {SCRIPT}"),
        ({SCRIPT: (0o000, 33, 33)}, True, f"chmod u+r {SCRIPT}"),
    ],
)
def test_the_remedy_is_one_command(owners, setfacl, remedy):
    (finding,) = run(owners=owners, setfacl=setfacl)
    assert finding.remedy[0] == remedy
