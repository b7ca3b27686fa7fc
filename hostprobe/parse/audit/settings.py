"""auditd.conf(5): where the log is."""

import re

from hostprobe.facts.denial import AuditdSettings

LOG_FILE = re.compile(rb"^[ \t]*log_file[ \t]*=[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)


def parse_auditd_settings(data: bytes) -> AuditdSettings:
    """The last log_file counts."""
    found = LOG_FILE.findall(data)
    return AuditdSettings(found[-1].decode("utf-8", "surrogateescape") if found else None)
