"""Texts of libaprutil: the names of its driver files and their directory (misc/apu_dso.c).

The build sets the directory to LIBDIR/apr-util-MAJOR, whatever LIBDIR is.
"""

import re

from hostprobe.facts.apr import AprUtilBuild
from hostprobe.parse.error import ParseError

DRIVER = re.compile(rb"\0(apr_(?:(?:crypto|dbd|dbm)_%s|ldap)-\d{1,3}\.so)(?=\0)")
DIRECTORY = re.compile(rb"\0(/[\x21-\x7e]{1,400}/apr-util-\d{1,3})(?=\0)")
MARK = b"\0apr_"


def parse_apr_util(data: bytes) -> AprUtilBuild:
    """What libaprutil says of its drivers; ParseError when nothing of APR is in it."""
    if MARK not in data:
        raise ParseError("no name of APR's in it")
    names = dict.fromkeys(match[1].decode("ascii") for match in DRIVER.finditer(data))
    directory = DIRECTORY.search(data)
    return AprUtilBuild(tuple(sorted(names)), directory[1].decode("ascii") if directory else None)
