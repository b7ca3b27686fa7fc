"""SELinux's mode: selinuxfs's `enforce`, and /etc/selinux/config (selinux_config(5))."""

import re

from hostprobe.facts.selinux import SelinuxMode

LINE = re.compile(rb"^[ \t]*SELINUX=[ \t]*(\w+)", re.MULTILINE)


def parse_selinux_mode(data: bytes) -> SelinuxMode:
    """`1` or `0` of the kernel, or the last SELINUX= of the file; libselinux ignores case."""
    modes = [mode.lower() for mode in LINE.findall(data)]
    return SelinuxMode(data.strip() == b"1" or modes[-1:] == [b"enforcing"])
