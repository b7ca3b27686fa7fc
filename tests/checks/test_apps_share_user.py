"""Applications of different owners that run as one user."""

from hostprobe_checks.apps_share_user import apps_share_user

from hostprobe.check import Severity
from tests.model.permitted import SCRIPT, group, one_instance, permitted

ANNA = "/home/anna/app.wsgi"
BOTH = ({"script": SCRIPT}, {"script": ANNA, "mount": "/anna"})


def run(*applications, owners, **changes):
    one = one_instance(*applications, **changes)
    return list(apps_share_user.body(permitted(one, {ANNA: ""}, owners)))


def test_it_fires_for_two_owners():
    (finding,) = run(*BOTH, owners={SCRIPT: (0o644, 1000, 1000), ANNA: (0o644, 1001, 1001)})
    assert finding.severity is Severity.low
    assert finding.subject == "user:www-data"
    assert finding.title == "Applications of shop, anna all run as www-data"
    assert len(finding.affected) == 2
    assert finding.remedy[1].startswith("WSGIDaemonProcess anna user=anna group=anna")


def test_it_is_silent_for_one_owner():
    assert run(*BOTH, owners={SCRIPT: (0o644, 1000, 1000), ANNA: (0o644, 1000, 1000)}) == []


def test_it_is_silent_for_scripts_of_root_and_of_the_running_user():
    owners = {SCRIPT: (0o644, 0, 0), ANNA: (0o644, 1001, 1001)}
    assert run(*BOTH, owners=owners) == []
    assert run(*BOTH, owners=owners | {SCRIPT: (0o644, 33, 33)}) == []


def test_it_is_silent_where_each_has_a_daemon_of_its_own():
    applications = (BOTH[0] | {"process_group": "shop"}, BOTH[1] | {"process_group": "anna"})
    owners = {SCRIPT: (0o644, 1000, 1000), ANNA: (0o644, 1001, 1001)}
    groups = [group("shop", "shop", "shop"), group("anna", "anna", "anna")]
    assert run(*applications, owners=owners, groups=groups) == []


def test_two_process_groups_of_one_user_share_it():
    applications = (BOTH[0] | {"process_group": "a"}, BOTH[1] | {"process_group": "b"})
    owners = {SCRIPT: (0o644, 1000, 1000), ANNA: (0o644, 1001, 1001)}
    assert len(run(*applications, owners=owners, groups=[group("a"), group("b")])) == 1
