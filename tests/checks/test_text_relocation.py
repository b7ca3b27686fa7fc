"""Objects with relocations in their code, with and without SELinux."""

from dataclasses import replace

import pytest
from hostprobe_checks.text_relocation import text_relocation

from hostprobe.check import Certainty, Severity
from hostprobe.facts.files import Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.selinux import SelinuxMode
from hostprobe.model.linkage import Linkages
from hostprobe.model.selinux import CONFIGURATION, KERNEL
from tests.model.linked_host import EXTENSION, linkages, thing

MODULE = "/mods/mod_wsgi.so"
ENFORCING, PERMISSIVE = SelinuxMode(enforcing=True), SelinuxMode(enforcing=False)


HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=True)


def run(*relocated, root="/", selinux=None, **options):
    objects = {
        path: replace(thing(), text_relocation=path in relocated) for path in (MODULE, EXTENSION)
    }
    (linkage,) = linkages(objects | (selinux or {}), [MODULE], **options).all
    return list(
        text_relocation.body(Linkages((linkage,)), replace(HOST, root=root, is_live=root == "/"))
    )


def test_it_fires_for_a_module():
    (finding,) = run(MODULE)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.certain)
    assert finding.evidence["repeat"] == f"readelf -dW {MODULE} | grep TEXTREL"


def test_it_fires_for_an_extension_that_is_imported():
    (finding,) = run(EXTENSION)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.likely)


@pytest.mark.parametrize(
    ("root", "selinux", "severity"),
    [
        ("/", {KERNEL: ENFORCING}, Severity.high),
        ("/", {KERNEL: PERMISSIVE, CONFIGURATION: ENFORCING}, Severity.low),
        ("/", {CONFIGURATION: ENFORCING}, Severity.low),
        ("/mnt", {CONFIGURATION: ENFORCING}, Severity.high),
        ("/mnt", {CONFIGURATION: PERMISSIVE}, Severity.low),
        ("/mnt", {KERNEL: ENFORCING}, Severity.low),
    ],
)
def test_selinux_that_enforces_makes_it_high(root, selinux, severity):
    (finding,) = run(MODULE, root=root, selinux=selinux)
    assert finding.severity is severity


def test_a_mode_that_cannot_be_read_is_told():
    unread = Missing(f"{KERNEL}: permission denied")
    (finding,) = run(MODULE, selinux={KERNEL: unread})
    assert (finding.severity, finding.evidence["not_known"]) == (Severity.low, unread.reason)


def test_what_no_application_imports_is_low():
    (finding,) = run(EXTENSION, selinux={KERNEL: ENFORCING}, imports=False)
    assert (finding.severity, finding.certainty) == (Severity.low, Certainty.possible)


def test_it_is_silent_for_position_independent_code():
    assert run(selinux={KERNEL: ENFORCING}) == []
