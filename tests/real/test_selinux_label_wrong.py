"""Labels of a real tree, as extended attributes, against Debian's own policy.

Recorded: this kernel has no SELinux; labels and policy are real, the denial itself is not.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.hosts import mandatory_access as host
from tests.real.hosts.bad_input import BadHost
from tests.real.httpd import BINARY

pytestmark = pytest.mark.real
CHECK = "selinux-label-wrong"


@pytest.fixture
def labelled(bad_template: Path, tmp_path: Path) -> BadHost:
    """httpd and the shop have the labels of a fresh installation."""
    made = host.selinux_host(bad_template, tmp_path / "root")
    binary = made.path(str(BINARY)).read_bytes()
    made.write(str(BINARY), binary)
    host.labelled(made, str(BINARY), "httpd_exec_t")
    host.labelled(made, "/srv", "var_t")
    host.labelled(made, "/srv/shop", "httpd_sys_content_t")
    host.labelled(made, host.SHOP, "httpd_sys_content_t")
    return made


def test_a_host_with_the_usual_labels_is_clean(labelled: BadHost) -> None:
    assert host.outcome(labelled, CHECK) == ("clean", None)


def test_a_script_from_a_home_directory_is_named_and_relabelling_cures(labelled: BadHost) -> None:
    host.labelled(labelled, host.SHOP, "user_home_t")
    (finding,) = host.findings(labelled, CHECK)
    assert (finding["severity"], finding["certainty"]) == ("high", "certain")
    assert finding["affected"] == ["localhost/shop (/srv/shop/shop.wsgi)"]
    assert "policy.33, asked through libsepol" in finding["evidence"]["answered_by"]
    fcontext = next(line for line in finding["remedy"] if line.startswith("semanage"))
    assert "-t httpd_sys_content_t" in fcontext
    host.labelled(labelled, host.SHOP, "httpd_sys_content_t")
    assert host.outcome(labelled, CHECK) == ("clean", None)


def test_another_label_that_httpd_may_read_is_fine(labelled: BadHost) -> None:
    host.labelled(labelled, host.SHOP, "lib_t")
    assert host.outcome(labelled, CHECK) == ("clean", None)


def test_permissive_is_info(labelled: BadHost) -> None:
    host.labelled(labelled, host.SHOP, "user_home_t")
    host.permissive(labelled)
    (finding,) = host.findings(labelled, CHECK)
    assert finding["severity"] == "info"


def test_files_of_an_archive_without_labels_are_not_judged(
    bad_template: Path, tmp_path: Path
) -> None:
    made = host.selinux_host(bad_template, tmp_path / "root")
    found, reason = host.outcome(made, CHECK)
    assert found == "not-applicable"
    assert reason is not None
    assert "not labelled" in reason
