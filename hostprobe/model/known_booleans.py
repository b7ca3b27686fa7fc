"""Which boolean of the usual policies is meant for which access of httpd: the narrowest first.

Names differ (refpolicy's httpd_can_network_connect_ldap is Fedora's httpd_can_connect_ldap): a
policy that can be asked says which of them it has and whether they help.
"""

import re

NETWORK = "httpd_can_network_connect"
BOOLEANS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        r"tcp_socket",
        r"name_connect",
        r"(mysqld|postgresql|mssql|oracle|mongod|gds_db)_port_t",
        ("httpd_can_network_connect_db",),
    ),
    (r"tcp_socket", r"name_connect", r"(smtp|pop)_port_t", ("httpd_can_sendmail",)),
    (
        r"tcp_socket",
        r"name_connect",
        r"ldap_port_t",
        ("httpd_can_network_connect_ldap", "httpd_can_connect_ldap"),
    ),
    (
        r"tcp_socket",
        r"name_connect",
        r"memcache_port_t",
        ("httpd_can_network_connect_memcache", "httpd_can_network_memcache"),
    ),
    (r"tcp_socket", r"name_connect", r"redis_port_t", ("httpd_can_network_redis",)),
    (r"tcp_socket", r"name_connect", r"ftp_port_t", ("httpd_can_connect_ftp",)),
    (r"tcp_socket", r"name_connect", r".*", (NETWORK,)),
    (r"process", r"execmem|execstack|execheap", r".*", ("httpd_execmem",)),
    (r"process", r"setrlimit", r".*", ("httpd_setrlimit",)),
    (r"dbus", r"send_msg", r"avahi_t", ("httpd_dbus_avahi",)),
    (r"file", r"execute|execute_no_trans", r"sendmail_exec_t", ("httpd_can_sendmail",)),
    (r"file", r"execute|execute_no_trans|map", r"(httpd_)?tmp_t", ("httpd_tmp_exec",)),
    (
        r"file|dir|lnk_file",
        r"read|open|getattr|search",
        r"user_home_t|user_home_dir_t|home_root_t",
        ("httpd_read_user_content", "httpd_enable_homedirs"),
    ),
    (r"file|dir|lnk_file", r".*", r"nfs_t", ("httpd_use_nfs",)),
    (r"file|dir|lnk_file", r".*", r"cifs_t", ("httpd_use_cifs",)),
    (r"file|dir|lnk_file", r".*", r"fusefs_t", ("httpd_use_fusefs",)),
)
"""Object class, permission, type of the target, booleans."""


def known_booleans(kind: str, permissions: tuple[str, ...], target: str) -> tuple[str, ...]:
    """For an access of httpd to a target of that type, the narrowest first."""
    return tuple(
        dict.fromkeys(
            name
            for kinds, wanted, types, names in BOOLEANS
            if re.fullmatch(kinds, kind) and re.fullmatch(types, target)
            if all(re.fullmatch(wanted, one) for one in permissions)
            for name in names
        )
    )
