"""Kills for want of memory in the kernel's log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.memory import OomKill
from hostprobe.parse.oom_log import parse_oom_log

HEAD = "Nov 27 06:00:00 web1 kernel: "
GROUP = (
    f"{HEAD}[ 1000.500000] Memory cgroup out of memory: Killed process 77 (apache2) total-vm:9kB\n"
)
HOST = f"{HEAD}[12.25] Out of memory: Kill process 78 (httpd) score 9 or sacrifice child\n"
BOOT = f"{HEAD}[    0.000000] Linux version 6.1.0\n"


@pytest.mark.parametrize(
    ("text", "kills"),
    [
        (GROUP, (OomKill(1000.5, 77, "apache2"),)),
        (HOST, (OomKill(12.25, 78, "httpd"),)),
        (GROUP + BOOT + HOST, (OomKill(12.25, 78, "httpd"),)),
        (GROUP + BOOT, ()),
        ("apache2 invoked oom-killer: gfp_mask=0xcc0\n", ()),
        ("Out of memory: Killed process 77 (apache2)\n", ()),
        ("", ()),
    ],
)
def test_kills_since_the_last_boot(text, kills):
    assert parse_oom_log(text.encode()).kills == kills


@given(st.binary())
def test_any_bytes_have_kills(data):
    parse_oom_log(data)
