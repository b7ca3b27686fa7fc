"""An extension on a noexec mount is refused by the kernel, remounted it is imported.

Recorded: /etc/fstab of a root that does not run (tests/checks).
"""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.build import run
from tests.real.hosts import noexec_mount as hosts
from tests.real.systemd import may_mount

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not may_mount(), reason="mounting takes root"),
]
CHECK = "noexec-mount"


def test_an_extension_is_refused_until_its_mount_may_execute() -> None:
    with hosts.tmpfs("noexec") as place:
        hosts.install(place)
        with hosts.host(place) as httpd:
            [finding] = scan.findings(httpd, CHECK)
            assert finding["severity"] == "critical"
            assert finding["subject"] == f"mount:{place}"
            assert scan.hits_shop(finding)
            assert httpd.get("/shop")[0] == 500
            assert hosts.REFUSED in httpd.error_log
            run(*finding["remedy"][0].split())
            assert scan.findings(httpd, CHECK) == []
            assert httpd.get("/shop") == (200, hosts.WORKING)


def test_a_mount_of_httpds_own_namespace_is_seen() -> None:
    with hosts.tmpfs("exec") as place:
        hosts.install(place)
        with hosts.private_host(place) as httpd:
            [finding] = scan.findings(httpd, CHECK)
            assert httpd.get("/shop")[0] == 500
            assert hosts.REFUSED in httpd.error_log
            run(*finding["remedy"][0].split())
            assert scan.findings(httpd, CHECK) == []
            assert httpd.get("/shop") == (200, hosts.WORKING)


def test_sources_and_data_may_lie_on_a_noexec_mount() -> None:
    with hosts.tmpfs("noexec") as data, hosts.tmpfs("exec") as place:
        hosts.install(place)
        (data / "shopdata.py").write_text(hosts.SOURCE)
        (place / "shopdata.py").symlink_to(data / "shopdata.py")
        with hosts.host(place, "import shopdata\n" + hosts.APP) as httpd:
            assert scan.findings(httpd, CHECK) == []
            assert httpd.get("/shop") == (200, hosts.WORKING)
