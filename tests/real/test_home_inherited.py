"""Root's HOME in the children: predicted from envvars, seen in /proc; cured in the script."""

from __future__ import annotations

import pytest

from tests.real import scan
from tests.real.hosts import home_inherited as hosts

pytestmark = pytest.mark.real
CHECK = "home-inherited"
ROOT = {"HOME": "/root"}
HITS = ["shop.wsgi)", "tells.wsgi)"]
PLANNED = "--no-live"


def hit(finding: scan.Finding) -> list[str]:
    return sorted(one.rpartition("/")[2] for one in finding["affected"])


def test_the_applications_are_led_to_roots_home() -> None:
    with hosts.host(ROOT) as httpd:
        [finding] = scan.findings(httpd, CHECK, PLANNED)
        assert (finding["severity"], finding["evidence"]["HOME"]) == ("medium", "/root")
        assert hit(finding) == HITS
        [live] = scan.live_findings(httpd, CHECK)
        assert (live["certainty"], hit(live)) == ("observed", HITS)
        assert httpd.get("/shop")[0] == 500
        assert hosts.DENIED in httpd.error_log
        assert httpd.get("/tells") == (200, repr("/root"))
        for name in ("cured", "daemon"):
            assert httpd.get(f"/{name}") == (200, repr("/var/www"))
        script = httpd.script_dir / "shop.wsgi"
        script.write_text(script.read_text().replace("import os\n", "import os\n" + hosts.MENDS))
        [rest] = scan.findings(httpd, CHECK, PLANNED)
        assert hit(rest) == ["tells.wsgi)"]
        assert httpd.get("/shop")[0] == 200


def test_what_no_file_tells_is_seen_in_the_process() -> None:
    with hosts.host(ROOT, hosts.QuietHttpd) as httpd:
        assert scan.findings(httpd, CHECK, PLANNED) == []
        [finding] = scan.live_findings(httpd, CHECK)
        assert finding["evidence"]["from"] == f"/proc/{httpd.pid}/environ"
        assert httpd.get("/shop")[0] == 500


def test_without_home_passwd_counts() -> None:
    with hosts.host({}) as httpd:
        assert scan.findings(httpd, CHECK, PLANNED) == []
        assert scan.live_findings(httpd, CHECK) == []
        assert httpd.get("/tells") == (200, "None")
