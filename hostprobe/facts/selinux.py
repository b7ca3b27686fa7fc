"""What of SELinux's state the loader's rules depend on."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SelinuxMode:
    """As a running kernel has it, or as /etc/selinux/config asks for at the next start."""

    enforcing: bool
