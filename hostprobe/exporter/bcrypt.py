"""bcrypt by the system's own libcrypt (crypt_r(3)); Python has none since 3.13."""

import ctypes
import re
from functools import cache
from hmac import compare_digest

LIBRARIES = ("libcrypt.so.1", "libcrypt.so.2")
"""libxcrypt, with and without the old interfaces of glibc."""

CRYPT_DATA = 1 << 15
"""sizeof(struct crypt_data)."""

HASH = re.compile(r"\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}", re.ASCII)
COSTS = range(4, 15)
"""14 is most of a second for one password; more would let a stranger stop the exporter."""


class NoLibraryError(Exception):
    """No libcrypt that knows bcrypt is here."""


def cost(hashed: str) -> int:
    """The cost of a bcrypt hash; ValueError for anything else or one out of COSTS."""
    match = HASH.fullmatch(hashed)
    if not match:
        raise ValueError("not a bcrypt hash ($2y$...)")
    number = int(match[1])
    if number not in COSTS:
        raise ValueError(f"a bcrypt cost of {number}; {COSTS[0]} to {COSTS[-1]} are taken")
    return number


def is_password(password: bytes, hashed: str) -> bool:
    """Whether this is the password; takes the time of the cost. The GIL is free meanwhile."""
    made = library().crypt_r(password, hashed.encode(), ctypes.create_string_buffer(CRYPT_DATA))
    # C would read the password up to its first NUL, and call "secret\0anything" right.
    return compare_digest(made or b"", hashed.encode()) and b"\0" not in password


@cache
def library() -> ctypes.CDLL:
    """The library with a typed crypt_r; NoLibraryError."""
    for name in LIBRARIES:
        try:
            found = ctypes.CDLL(name)
            found.crypt_r.restype = ctypes.c_char_p
            found.crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p)
        except (OSError, AttributeError):
            continue
        return found
    raise NoLibraryError(f"none of {', '.join(LIBRARIES)} is here")
