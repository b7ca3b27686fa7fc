"""Files of an application and the profile of its httpd."""

from dataclasses import replace

import pytest
from hostprobe_checks.apparmor_profile_blocks import apparmor_profile_blocks

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.httpd import ModuleLoad, Where
from hostprobe.model.apparmor.uncovered import UncoveredPaths, uncovered_paths
from hostprobe.model.instance import Topology
from tests.model.linked_host import CONFIG, EXTENSION, instance
from tests.model.memory_files import MemoryFiles

FILE = "/etc/apparmor.d/usr.sbin.apache2"
SCRIPT = "/srv/shop.wsgi"
COVERED = "/srv/** r,\n  /venv/**.so mr,"


def profile(rules, *, flags="", inside="", head="/usr/sbin/apache2"):
    return f"include <tunables/global>\n{head} {flags} {{\n  {rules}\n{inside}\n}}\n"


def answer(text, contents=(), *, live=False, links=(), modules=()):
    host = {FILE: text, SCRIPT: "", EXTENSION: b""} | dict(contents)
    one = instance()
    loads = tuple(ModuleLoad("/m.so", name, Where(CONFIG, 1, 1)) for name in modules)
    one = replace(one, configuration=replace(one.configuration, loads=loads))
    return uncovered_paths(MemoryFiles(host, links), Topology((one,)), is_live=live)


def run(*args, **options):
    found = answer(*args, **options)
    assert isinstance(found, UncoveredPaths), found
    return list(apparmor_profile_blocks.body(found))


def test_it_fires_for_a_script_that_no_rule_names():
    (finding,) = run(profile("/var/www/** r,\n  /venv/** mr,"))
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.likely)
    assert finding.subject == f"path:{SCRIPT}"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy == (
        f"Inside the profile /usr/sbin/apache2 in {FILE} add: {SCRIPT} r,",
        f"apparmor_parser -r {FILE}",
    )


def test_it_fires_for_an_extension_that_may_be_read_and_not_mapped():
    (finding,) = run(profile("/srv/** r,\n  /venv/** r,"))
    assert "map" in finding.title
    assert finding.remedy[0].endswith(f"add: {EXTENSION} mr,")


@pytest.mark.parametrize("rule", [f"deny {SCRIPT} r,", f"deny {SCRIPT} rw,"])
def test_deny_wins(rule):
    (finding,) = run(profile(f"{COVERED}\n  {rule}"))
    assert finding.subject == f"path:{SCRIPT}"


def test_it_is_silent_where_the_rules_cover():
    assert run(profile(COVERED)) == []
    assert run(profile("file,")) == []


def test_includes_and_variables_count():
    text = profile("include <abstractions/web>\n  include if exists <local/none>")
    files = {
        "/etc/apparmor.d/tunables/global": "@{WEB} = /srv\n@{WEB} += /venv\n",
        "/etc/apparmor.d/abstractions/web": "@{WEB}/** mr,\n",
    }
    assert run(text, files) == []
    assert len(run(text, {"/etc/apparmor.d/tunables/global": "@{WEB} = /srv\n"} | {
        "/etc/apparmor.d/abstractions/web": "@{WEB}/** mr,\n"
    })) == 1  # fmt: skip


def test_an_included_directory_counts_whole():
    text = profile("include <apache2.d>")
    files = {
        "/etc/apparmor.d/apache2.d/a": "/srv/** r,",
        "/etc/apparmor.d/apache2.d/b": "/venv/** mr,",
    }
    assert run(text, files) == []


def test_it_is_silent_where_the_profile_complains():
    assert run(profile("", flags="flags=(complain)")) == []
    forced = {"/etc/apparmor.d/force-complain/usr.sbin.apache2": ""}
    assert run(profile(""), forced) == []


def test_hats_are_left_to_the_log_where_mod_apparmor_changes_them():
    text = profile("", inside="^shop { }")
    assert run(text, modules=["apparmor_module"]) == []
    assert len(run(text)) == 2


@pytest.mark.parametrize(
    "contents",
    [
        {"/etc/apparmor.d/disable/usr.sbin.apache2": ""},
        {FILE: profile("", head="/usr/sbin/cupsd")},
        {FILE: profile("", head="profile web")},
    ],
)
def test_no_profile_is_not_applicable(contents):
    assert isinstance(answer(profile(""), contents), Absent)


def test_the_kernel_says_what_is_enforced():
    kernel = {"/sys/module/apparmor/parameters/enabled": "Y\n"}
    loaded = "/sys/kernel/security/apparmor/profiles"
    text = profile("")
    assert len(run(text, kernel | {loaded: "/usr/sbin/apache2 (enforce)\n"}, live=True)) == 2
    assert run(text, kernel | {loaded: "/usr/sbin/apache2 (complain)\n"}, live=True) == []
    assert run(text, kernel | {loaded: "/usr/sbin/cupsd (enforce)\n"}, live=True) == []
    assert isinstance(answer(text, live=True), Absent)
    assert isinstance(
        answer(text, {"/sys/module/apparmor/parameters/enabled": "N\n"}, live=True), Absent
    )


def test_a_profile_that_cannot_be_read_is_not_known():
    assert isinstance(answer("/usr/sbin/apache2 {"), Missing)
    unread = {"/etc/apparmor.d/abstractions/x": Missing("/etc/apparmor.d/abstractions/x: no")}
    assert isinstance(answer(profile("include <abstractions/x>"), unread), Missing)
