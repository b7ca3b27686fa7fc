"""Whether SELinux enforces its policy on the inspected host."""

from hostprobe.facts.files import Files
from hostprobe.facts.selinux import SelinuxMode

KERNEL, CONFIGURATION = "/sys/fs/selinux/enforce", "/etc/selinux/config"


def is_enforcing(files: Files, root: str) -> bool:
    """The kernel says so; of a root that is only mounted, its configuration does.

    A host whose configuration says enforcing and whose kernel has no SELinux enforces nothing.
    """
    mode = files.read(KERNEL if root == "/" else CONFIGURATION, SelinuxMode)
    return isinstance(mode, SelinuxMode) and mode.enforcing
