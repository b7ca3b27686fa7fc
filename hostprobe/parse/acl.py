"""system.posix_acl_access: linux/posix_acl_xattr.h, little endian on every machine."""

import struct

from hostprobe.facts.access import AccessControlList, AclEntry, AclTag
from hostprobe.parse.error import ParseError

VERSION = 2
ENTRY = struct.Struct("<HHI")
TAGS = frozenset(AclTag)


def parse_acl(data: bytes) -> AccessControlList:
    """Every entry; ParseError for another version, tag or length."""
    if len(data) < 4 or (len(data) - 4) % ENTRY.size:
        raise ParseError("the length is not that of an ACL")
    (version,) = struct.unpack_from("<I", data)
    if version != VERSION:
        raise ParseError(f"an ACL of version {version}")
    rows = tuple(ENTRY.iter_unpack(data[4:]))
    for tag, permissions, _ in rows:
        if tag not in TAGS or permissions > 7:
            raise ParseError(f"no ACL entry: tag {tag:#x}, permissions {permissions:#o}")
    return AccessControlList(tuple(AclEntry(AclTag(tag), perm, id_) for tag, perm, id_ in rows))
