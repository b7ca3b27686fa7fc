"""Rules of sudoers that start httpd, and whether the caller's HOME gets through."""

from dataclasses import replace

import pytest
from hostprobe_checks.sudo_keeps_home import sudo_keeps_home

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Absent, Missing
from hostprobe.model.instance import PythonTopology
from hostprobe.model.sudo.starts import kept_homes
from tests.model.working_hosts import GROUP, PASSWD, files, group, host

HTTPD = "/usr/sbin/apache2"
KEEP = 'Defaults env_keep += "LANG HOME"\n'
ALICE = f"alice ALL = NOPASSWD: {HTTPD}\n"
USERS = {
    "/etc/passwd": f"{PASSWD}alice:x:1001:1001::/home/alice:/bin/sh\nbob:x:1002:27::/home/bob:\n",
    "/etc/group": f"{GROUP}sudo:x:27:bob\nweb:x:30:alice\nalice:x:1001:\n",
}
UNIT = {"/lib/systemd/system/apache2.service": "[Service]\nExecStart=/usr/sbin/apachectl start\n"}


def homes(sudoers, contents=(), *, member="", binary=HTTPD):
    one = host(group(), member=member)
    start = replace(one.configuration.start, binary=binary, origin=f"compiled into {binary}")
    one = replace(one, configuration=replace(one.configuration, start=start))
    policy = {} if sudoers is None else {"/etc/sudoers": sudoers}
    return kept_homes(
        files({HTTPD: "", **USERS, **policy, **dict(contents)}),
        PythonTopology((one,)),
        "web1.example.org",
    )


def run(sudoers, contents=(), **changes):
    return list(sudo_keeps_home.body(homes(sudoers, contents, **changes)))


@pytest.mark.parametrize(
    "sudoers",
    [
        KEEP + ALICE,
        "Defaults !env_reset\n" + ALICE,
        "Defaults env_keep = HO*\n" + ALICE,
        "Defaults always_set_home, env_keep+=HOME\nDefaults:alice !always_set_home\n" + ALICE,
        KEEP + "Defaults set_home\n" + ALICE,
        KEEP + "Defaults:bob always_set_home\n" + ALICE,
        KEEP + "Defaults@web2 always_set_home\n" + ALICE,
        KEEP + "Defaults>daemon always_set_home\n" + ALICE,
        KEEP + "Defaults!/usr/bin/id always_set_home\n" + ALICE,
        "Defaults:%web env_keep += HOME\n" + ALICE,
        "Defaults:#1001 env_keep += HOME\n" + ALICE,
        "Defaults@web* env_keep += HOME\n" + ALICE,
        "User_Alias ADM = alice\nDefaults:ADM env_keep += HOME\n" + ALICE,
        f"Defaults!{HTTPD} env_keep += HOME\nDefaults env_keep -= HOME\n" + ALICE,
        "Cmnd_Alias WEB = /usr/sbin/\nUser_Alias ADM = alice\nHost_Alias H = web1\n"
        + KEEP
        + "ADM H = (root) WEB\n",
        KEEP + f"alice ALL = (root : adm) {HTTPD} -k *\n",
        KEEP + f"alice ALL = {HTTPD} -f /srv/my.conf -k start\n",
        KEEP + "alice ALL = /usr/sbin/apache[0-9]\n",
        KEEP + "alice ALL = ^/usr/sbin/(apache2|httpd)$\n",
        KEEP + f"%web ALL = {HTTPD}\n",
        KEEP + f"alice ALL = !{HTTPD} : web1 = {HTTPD}\n",
        KEEP + "Defaults env_keep -= LANG\nDefaults secure_path=/x\n" + ALICE,
    ],
)
def test_it_fires(sudoers):
    (finding,) = run(sudoers)
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert finding.evidence["callers"] == ["alice"]
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy[0].startswith(f"Call it as: sudo -H {HTTPD}")


def test_it_fires_through_includes_and_names_both_lines():
    (finding,) = run(
        "@includedir /etc/sudoers.d\n",
        {"/etc/sudoers.d/20-web": ALICE, "/etc/sudoers.d/10-home": f"# x\n{KEEP}"},
    )
    assert finding.evidence["defaults"] == "/etc/sudoers.d/10-home:2"
    assert finding.evidence["rules"] == ["/etc/sudoers.d/20-web:1"]


def test_it_fires_for_the_control_script_of_a_build_of_ones_own():
    ctl = "/usr/local/apache2/bin/apachectl"
    contents = {ctl: "", "/usr/local/apache2/bin/httpd": ""}
    rule = f"{KEEP}alice ALL = {ctl}\n"
    (finding,) = run(rule, contents, binary="/usr/local/apache2/bin/httpd")
    assert finding.evidence["commands"] == [f"{ctl} start"]


def test_a_rule_for_everything_is_possible_where_no_unit_starts_httpd():
    (finding,) = run(KEEP + "%sudo ALL = (ALL : ALL) ALL\n")
    assert finding.certainty is Certainty.possible
    assert finding.evidence["callers"] == ["bob"]


def test_several_rules_by_one_line_are_one_finding():
    (finding,) = run(KEEP + ALICE + f"bob ALL = {HTTPD}\n")
    assert finding.evidence["callers"] == ["alice", "bob"]


def test_a_unit_is_the_better_way():
    (finding,) = run(KEEP + ALICE, UNIT)
    assert finding.remedy[-1] == "Or allow and call: systemctl start apache2.service"


CTL = {"/usr/sbin/apachectl": "", "/usr/sbin/apache2ctl": ""}


@pytest.mark.parametrize(
    ("sudoers", "changes"),
    [
        ("Defaults env_reset\n" + ALICE, {}),
        ("Defaults !always_set_home\n" + ALICE, {}),
        ("Defaults env_keep += HOMEDIR\n" + ALICE, {}),
        (KEEP + "Defaults always_set_home\n" + ALICE, {}),
        (KEEP + "Defaults env_keep -= HOME\n" + ALICE, {}),
        (KEEP + "Defaults env_keep = LANG\n" + ALICE, {}),
        (KEEP + "Defaults !env_keep\n" + ALICE, {}),
        (KEEP + "Defaults env_check += HOME\n" + ALICE, {}),
        ("Defaults !env_reset\nDefaults env_delete += HOME\n" + ALICE, {}),
        ("Defaults !env_reset\nDefaults env_reset\n" + ALICE, {}),
        (f"{KEEP}Defaults!{HTTPD} always_set_home\n" + ALICE, {}),
        ("Defaults:bob env_keep += HOME\n" + ALICE, {}),
        ("Defaults:!alice env_keep += HOME\n" + ALICE, {}),
        ("Defaults@web2 env_keep += HOME\n" + ALICE, {}),
        ("Defaults>daemon env_keep += HOME\n" + ALICE, {}),
        ("Defaults!/usr/bin/id env_keep += HOME\n" + ALICE, {}),
        (KEEP + "alice ALL = /usr/bin/systemctl restart apache2\n", {}),
        (KEEP + "alice ALL = /usr/sbin/apachectl\n", {"contents": UNIT | CTL}),
        (
            KEEP + "alice ALL = /usr/sbin/apache2ctl\n",
            {"contents": CTL | {"/etc/apache2/envvars": "unset HOME\n"}},
        ),
        (KEEP + "%sudo ALL = (ALL : ALL) ALL\n", {"contents": UNIT}),
        (KEEP + "root ALL = (ALL) ALL\n", {}),
        (KEEP + f"alice ALL = {HTTPD} -t, {HTTPD} -k stop, {HTTPD} -S\n", {}),
        (KEEP + f"alice ALL = ALL, !{HTTPD}\n", {}),
        (KEEP + f"alice ALL = (daemon) {HTTPD}\n", {}),
        (KEEP + f"alice ALL = () {HTTPD}\n", {}),
        (KEEP + f"alice web2 = {HTTPD}\n", {}),
        (KEEP + f"ALL, !alice, !ALL ALL = {HTTPD}\n", {}),
        (KEEP + ALICE, {"member": "shop"}),
        (f"# {KEEP}" + ALICE, {}),
        (
            "@include /etc/sudoers.d/x\n@includedir /etc/d\n" + ALICE,
            {"contents": {"/etc/d/k.bak": KEEP}},
        ),
    ],
)
def test_it_is_silent(sudoers, changes):
    assert run(sudoers, **changes) == []


RED_HAT = """Defaults !visiblepw
Defaults always_set_home
Defaults env_reset
Defaults env_keep = "COLORS DISPLAY HOSTNAME HISTSIZE KDEDIR LS_COLORS"
Defaults env_keep += "MAIL PS1 PS2 QTDIR USERNAME LANG LC_ADDRESS LC_CTYPE"
Defaults secure_path = /sbin:/bin:/usr/sbin:/usr/bin
root\tALL=(ALL) \tALL
%wheel\tALL=(ALL)\tALL
#includedir /etc/sudoers.d
"""
DEBIAN = """Defaults env_reset
Defaults mail_badpass
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#Defaults:%sudo env_keep += "http_proxy https_proxy ftp_proxy all_proxy no_proxy"
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
"""


@pytest.mark.parametrize("sudoers", [RED_HAT, DEBIAN])
def test_it_is_silent_for_what_distributions_ship(sudoers):
    assert run(sudoers) == []


def test_without_sudo_there_is_nothing_to_judge():
    assert isinstance(homes(None), Absent)


def test_sudoers_that_may_not_be_read_are_not_fine():
    assert isinstance(homes(Missing("/etc/sudoers: permission denied")), Missing)


@pytest.mark.parametrize(
    ("sudoers", "contents"),
    [
        (ALICE + "alice ALL = not understood\n", {}),
        (f"@include x\n{ALICE}", {"/etc/x": Missing("/etc/x: permission denied")}),
    ],
)
def test_a_part_that_is_not_understood_or_read_is_not_fine(sudoers, contents):
    assert isinstance(homes(sudoers, contents), Missing)


def test_an_include_of_itself_ends():
    assert run("@include /etc/sudoers\n@include sudoers\n" * 3 + KEEP + ALICE) != []


def test_many_callers_and_aliases_in_a_circle_are_bounded():
    users = ", ".join(f"u{number}" for number in range(3000))
    circle = "User_Alias A = B, alice\nUser_Alias B = A\n"
    (finding,) = run(f"{KEEP}{circle}{users}, A ALL = {HTTPD}\n")
    assert len(finding.evidence["callers"]) == 100
