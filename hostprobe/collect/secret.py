"""What a secret looks like."""

import re

REDACTED = "[redacted]"

SECRET = re.compile(
    r"pass|pwd|secret|token|credential|dsn|private|(^|[^a-z])(key|auth|salt)([^a-z]|$)|apikey",
    re.IGNORECASE,
)
"""In the name of a variable or directive."""

USERINFO = re.compile(r"(://)[^/@\s\"']+@")
"""In a URL."""
