"""Debian's SELinux policy, linked by its own tools into a directory: this kernel never loads it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.real.build import cached, run
from tests.real.debs import offered, unpacked

POLICY = "selinux-policy-default"
SEMANAGE = """
module-store = direct
policy-version = 33
compiler-directory = {tools}/usr/libexec/selinux/hll
[sefcontext_compile]
path = /bin/true
args = $@
[end]
[setfiles]
path = /bin/true
args = $@
[end]
"""
CONFIG = "SELINUX=enforcing\nSELINUXTYPE=default\n"


def policy_tree() -> Path:
    """What lies in /etc/selinux of a host with this policy: config, default/policy, contexts."""
    version = offered(POLICY)[0]

    def make(directory: Path) -> None:
        package, tools = unpacked(POLICY), unpacked("policycoreutils")
        root = directory / "root"
        shutil.copytree(package / "etc/selinux", root / "etc/selinux")
        (root / "var/lib/selinux").mkdir(parents=True)
        (root / "etc/selinux/semanage.conf").write_text(SEMANAGE.format(tools=tools))
        modules = package / "usr/share/selinux/default"
        words = [
            word
            for name in (modules / ".modules").read_text().split()
            for word in ("-i", str(modules / f"{name}.pp.bz2"))
        ]
        program = tools / "usr/sbin/semodule"
        run(program, "-p", root, "-s", "default", "-n", "-X", "100", *words)
        shutil.copytree(root / "etc/selinux", directory / "selinux")
        (directory / "selinux/config").write_text(CONFIG)
        shutil.rmtree(root)

    return cached("selinux-policy", version, make) / "selinux"


def policy_file() -> Path:
    """The binary policy."""
    (found,) = (policy_tree() / "default/policy").iterdir()
    return found


def label(path: Path, name: str) -> None:
    """Give a file the label that it would have on such a host; needs CAP_SYS_ADMIN."""
    os.setxattr(path, "security.selinux", f"system_u:object_r:{name}:s0\0".encode())
