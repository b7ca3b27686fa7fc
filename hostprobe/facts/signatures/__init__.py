"""Known lines of the error log: what they mean, how bad that is, which check explains them.

httpd 2.4's texts carry AH numbers; mod_wsgi 2 to 5 writes `mod_wsgi (pid=N): text`, 6 writes
`WSGI####: text` (its docs/error-reference.rst). Exceptions are Python's, glibc's or of packages.
"""

from hostprobe.facts.signatures.python import PYTHON
from hostprobe.facts.signatures.server import SERVER
from hostprobe.facts.signatures.signature import Signature

SIGNATURES: tuple[Signature, ...] = (*SERVER, *PYTHON)
"""The first row whose text is in a line counts."""

ORDINARY = frozenset(
    {37, 39, 66, 92, 93, 180, 193, 197}  # retired
    | {57, 59, 60}  # a client that may not
    | {65, 70, 71, 72, 73, 97, 98, 130, 131}  # while stopping
    | {118, 119, 120, 126, 127, 128, 129}  # a client that went away
    | {134, 135, 136, 137, 138, 139, 140, 141}  # a request for what is not there, or a wrong one
    | {174, 175, 176, 177, 178, 179}  # an exception in a request
)
"""Codes that say nothing about the host."""

CODES = {code: row.id for row in SIGNATURES for code in row.codes}
BY_ID = {row.id: row for row in SIGNATURES}
