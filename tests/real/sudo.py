"""The real sudo with a sudoers file of its own, which only this process and its children see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

CALLER = "daemon"
"""Who calls sudo: a user that every Debian has."""

BIND = 'mount --bind "$0" /etc/sudoers && exec "$@"'


def with_sudoers(path: Path, command: Sequence[str | Path]) -> list[str]:
    """The command in a mount namespace in which /etc/sudoers is that file."""
    return ["unshare", "--mount", "sh", "-c", BIND, str(path), *map(str, command)]


def by_sudo(path: Path, *command: str | Path) -> list[str]:
    """What CALLER runs with sudo, without a password."""
    become = ["setpriv", f"--reuid={CALLER}", f"--regid={CALLER}", "--clear-groups"]
    return with_sudoers(path, [*become, "sudo", "-n", *command])


def written(path: Path, text: str) -> Path:
    """A sudoers file as sudo wants it."""
    path.write_text(text)
    path.chmod(0o440)
    return path
