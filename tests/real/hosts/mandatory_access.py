"""A small host in a directory whose configuration asks for SELinux or AppArmor, with its logs.

Recorded: this kernel enforces neither; records are as auditd writes them, labels are real extended
attributes, the policy is Debian's own.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

from tests.real.hosts.bad_input import BadHost, copied
from tests.real.selinux_policy import label, policy_tree

AUDIT_LOG = "/var/log/audit/audit.log"
HTTPD = "system_u:system_r:httpd_t:s0"
SHOP = "/srv/shop/shop.wsgi"


def selinux_host(template: Path, target: Path) -> BadHost:
    """Enforcing, with Debian's policy; every label is the one that the policy gives."""
    host = copied(template, target)
    shutil.copytree(policy_tree(), host.path("/etc/selinux"), dirs_exist_ok=True)
    return host


def permissive(host: BadHost) -> None:
    config = host.path("/etc/selinux/config").read_text()
    host.write("/etc/selinux/config", config.replace("enforcing", "permissive"))


def labelled(host: BadHost, name: str, kind: str, content: str = "") -> Path:
    """A file with a label of its own."""
    if not host.path(name).is_dir():
        host.write(name, content or "import os\n")
    label(host.path(name), kind)
    return host.path(name)


def avc(
    permissions: str, target: str, kind: str, what: str, *, number: int = 1, permissive: int = 0
) -> str:
    """The record of one denial of httpd."""
    context = target if ":" in target else f"system_u:object_r:{target}:s0"
    return (
        f"type=AVC msg=audit(17000000{number:02}.000:{number}): avc:  denied  {{ {permissions} }} "
        f'for  pid=900 comm="httpd" {what} scontext={HTTPD} tcontext={context} tclass={kind} '
        f"permissive={permissive}"
    )


def write_log(host: BadHost, *records: str, name: str = AUDIT_LOG) -> None:
    text = "".join(f"{record}\n" for record in records).encode()
    host.write(name, gzip.compress(text) if name.endswith(".gz") else text)


def findings(host: BadHost, check: str) -> list[dict[str, Any]]:
    """What one check finds; it must have run."""
    done = host.scan("--select", check, "--format", "json")
    report = json.loads(done.out)
    (entry,) = report["checks"]
    assert entry["outcome"] in ("clean", "found"), entry
    found: list[dict[str, Any]] = report["findings"]
    return found


def outcome(host: BadHost, check: str) -> tuple[str, str | None]:
    """How a check ended, and why."""
    (entry,) = json.loads(host.scan("--select", check, "--format", "json").out)["checks"]
    return entry["outcome"], entry["reason"]
