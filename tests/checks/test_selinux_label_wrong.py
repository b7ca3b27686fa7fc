"""Labels that the policy does not let httpd use."""

import pytest
from hostprobe_checks.selinux_label_wrong import selinux_label_wrong

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.selinux import FileLabel, SelinuxMode, UsualLabel
from hostprobe.model.instance import Topology
from hostprobe.model.labels import EXECUTE, READ, WrongLabels, top, wrong_labels
from hostprobe.model.selinux import CONFIGURATION
from tests.model.linked_host import EXTENSION, HTTPD, instance
from tests.model.mandatory import PolicyFiles, context, denial
from tests.model.memory_files import MemoryFiles

SCRIPT = "/srv/shop.wsgi"
ENFORCING = SelinuxMode(enforcing=True, policy="targeted")
ALLOWED = {(name, one) for name in ("httpd_sys_content_t", "var_t") for one in (*READ, "search")}
ALLOWED |= {("lib_t", one) for one in (*EXECUTE, "search")}
GOOD = {
    HTTPD: FileLabel(context("httpd_exec_t")),
    SCRIPT: FileLabel(context("httpd_sys_content_t")),
    EXTENSION: FileLabel(context("lib_t")),
}


def answer(labels=(), mode=ENFORCING, logged=(), files=PolicyFiles, **options):
    contents = GOOD | {CONFIGURATION: mode} | dict(labels)
    host = PolicyFiles(contents, ALLOWED, **options) if files is PolicyFiles else files(contents)
    return wrong_labels(host, Topology((instance(),)), logged, is_live=False)


def run(*args, **options):
    found = answer(*args, **options)
    assert isinstance(found, WrongLabels), found
    return list(selinux_label_wrong.body(found))


HOME = {SCRIPT: FileLabel(context("user_home_t"))}


def test_it_fires_for_a_script_that_may_not_be_read():
    (finding,) = run(HOME)
    assert (finding.severity, finding.certainty) == (Severity.high, Certainty.certain)
    assert finding.subject == f"path:{SCRIPT}"
    assert finding.affected == ("example.org/shop (/srv/shop.wsgi)",)
    assert finding.remedy[0].startswith("semanage fcontext -a -t httpd_sys_content_t")


def test_it_fires_for_an_extension_that_may_be_read_only():
    (finding,) = run({EXTENSION: FileLabel(context("httpd_sys_content_t"))})
    assert "may not execute" in finding.title
    assert "-t lib_t" in finding.remedy[0]


def test_the_usual_label_comes_first_where_it_helps():
    usual = {f"{SCRIPT}?targeted": UsualLabel(context("httpd_sys_content_t"))}
    (finding,) = run(HOME | usual)
    assert finding.remedy[0] == f"restorecon -Rv {SCRIPT}"


def test_directories_of_the_environment_belong_to_its_extensions():
    folder = EXTENSION.rpartition("/")[0]
    moved = {path: FileLabel(context("user_home_t")) for path in (folder, EXTENSION)}
    contents = {folder: moved[folder], EXTENSION: moved[EXTENSION]}
    (finding,) = run(contents)
    assert finding.subject == f"path:{folder}"
    assert finding.remedy == (
        f"semanage fcontext -a -t lib_t '{folder.replace('.', chr(92) + '.')}(/.*)?'",
        f"restorecon -Rv {folder}",
    )


@pytest.mark.parametrize(
    ("path", "tree"),
    [("/srv/a/b", "/srv/a"), ("/var/www/a/b", "/var/www/a"), ("/srv", "/srv"), ("/x/y", "/x")],
)
def test_trees_are_told_apart(path, tree):
    assert top(path) == tree


def test_below_a_closed_home_directory_only_that_is_told():
    closed = {"/srv": context("user_home_dir_t"), SCRIPT: context("user_home_t")}
    (finding,) = run({path: FileLabel(label) for path, label in closed.items()})
    assert finding.evidence["paths"] == ["/srv"]
    assert finding.remedy[0].startswith("Move the application out of the home directory")
    wanted = {("user_home_dir_t", "search")}
    (finding,) = run(
        {path: FileLabel(label) for path, label in closed.items()},
        booleans={"httpd_enable_homedirs": wanted},
    )
    assert finding.remedy == ("setsebool -P httpd_enable_homedirs on",)


def test_without_a_policy_only_labels_that_none_allows_are_told():
    (finding,) = run(HOME, files=MemoryFiles)
    assert finding.certainty is Certainty.likely
    assert run({SCRIPT: FileLabel(context("shop_content_t"))}, files=MemoryFiles) == []


def test_it_is_silent_for_labels_that_httpd_may_use():
    assert run() == []
    assert run({SCRIPT: FileLabel(context("var_t"))}) == []


def test_it_is_silent_where_a_boolean_that_is_on_allows_it():
    assert run({SCRIPT: FileLabel(context("lib_t"))}) == []


def test_permissive_is_info():
    (finding,) = run(HOME, mode=SelinuxMode(enforcing=False, policy="targeted"))
    assert finding.severity is Severity.info


def test_it_is_silent_about_what_the_log_tells():
    assert run(HOME, logged=[denial(target=context("user_home_t"), path=SCRIPT)]) == []


def test_files_without_labels_are_not_judged():
    assert isinstance(answer({HTTPD: Missing("no label", not_found=True)}), Absent)
    assert isinstance(answer(mode=SelinuxMode(enforcing=False, disabled=True)), Absent)
