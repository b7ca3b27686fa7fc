"""Records as hosts have them: of several kernels, of auditd and of syslog."""

# ruff: noqa: E501  a record is one line

SELINUX = {
    "event of several records": (
        b'type=AVC msg=audit(1700000001.101:501): avc:  denied  { read } for  pid=4021 comm="httpd" name="settings.py" dev="dm-0" ino=8412 scontext=system_u:system_r:httpd_t:s0 tcontext=unconfined_u:object_r:user_home_t:s0 tclass=file permissive=0',
        b'type=SYSCALL msg=audit(1700000001.101:501): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7f0 a2=80000 a3=0 items=1 ppid=1 pid=4021 auid=4294967295 uid=48 gid=48 euid=48 suid=48 fsuid=48 egid=48 sgid=48 fsgid=48 tty=(none) ses=4294967295 comm="httpd" exe="/usr/sbin/httpd" subj=system_u:system_r:httpd_t:s0 key=(null)\x1dARCH=x86_64 SYSCALL=openat AUID="unset" UID="apache"',
        b'type=CWD msg=audit(1700000001.101:501): cwd="/"',
        b'type=PATH msg=audit(1700000001.101:501): item=0 name="/home/shop/site/settings.py" inode=8412 dev=fd:00 mode=0100644 ouid=1000 ogid=1000 rdev=00:00 obj=unconfined_u:object_r:user_home_t:s0 nametype=NORMAL cap_fp=0 cap_fi=0 cap_fe=0 cap_fver=0 cap_frootid=0',
        b"type=PROCTITLE msg=audit(1700000001.101:501): proctitle=2F7573722F7362696E2F6874747064002D44464F524547524F554E44",
    ),
    "hexadecimal names": (
        b'type=AVC msg=audit(1700000002.000:502): avc:  denied  { getattr } for  pid=4022 comm="httpd" path=2F7372762F73686F702F6120622E747874 dev="dm-0" ino=8413 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:default_t:s0 tclass=file permissive=1',
    ),
    "port": (
        b'type=AVC msg=audit(1700000003.000:503): avc:  denied  { name_connect } for  pid=4023 comm="httpd" dest=5432 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:postgresql_port_t:s0 tclass=tcp_socket permissive=0',
        b'type=SYSCALL msg=audit(1700000003.000:503): arch=c000003e syscall=42 success=no exit=-13 a0=c a1=7f a2=10 a3=0 items=0 ppid=1 pid=4023 auid=4294967295 uid=48 gid=48 euid=48 suid=48 fsuid=48 egid=48 sgid=48 fsgid=48 tty=(none) ses=4294967295 comm="httpd" exe="/usr/sbin/httpd" subj=system_u:system_r:httpd_t:s0 key=(null)',
        b"type=SOCKADDR msg=audit(1700000003.000:503): saddr=020015387F0000010000000000000000",
    ),
    "bound port": (
        b'type=AVC msg=audit(1700000004.000:504): avc:  denied  { name_bind } for  pid=4024 comm="httpd" src=8099 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:object_r:unreserved_port_t:s0 tclass=tcp_socket permissive=0',
    ),
    "object manager": (
        b"type=USER_AVC msg=audit(1700000005.000:505): pid=801 uid=81 auid=4294967295 ses=4294967295 subj=system_u:system_r:system_dbusd_t:s0-s0:c0.c1023 msg='avc:  denied  { send_msg } for msgtype=method_call interface=org.freedesktop.DBus member=Hello dest=org.freedesktop.DBus spid=4025 scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:system_r:avahi_t:s0 tclass=dbus permissive=0  exe=\"/usr/bin/dbus-daemon\" sauid=81 hostname=? addr=? terminal=?'",
    ),
    "two denials in one event": (
        b'type=AVC msg=audit(1700000006.000:506): avc:  denied  { dac_override } for  pid=4026 comm="httpd" capability=1  scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:system_r:httpd_t:s0 tclass=capability permissive=0',
        b'type=AVC msg=audit(1700000006.000:506): avc:  denied  { dac_read_search } for  pid=4026 comm="httpd" capability=2  scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:system_r:httpd_t:s0 tclass=capability permissive=0',
        b'type=SYSCALL msg=audit(1700000006.000:506): arch=c000003e syscall=257 success=no exit=-13 a0=ffffff9c a1=7f0 a2=80000 a3=0 items=0 ppid=1 pid=4026 auid=4294967295 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=(none) ses=4294967295 comm="httpd" exe="/usr/sbin/httpd" subj=system_u:system_r:httpd_t:s0 key=(null)',
    ),
    "another domain": (
        b'type=AVC msg=audit(1700000007.000:507): avc:  denied  { read } for  pid=1 comm="sshd" name="httpd.conf" dev="dm-0" ino=1 scontext=system_u:system_r:sshd_t:s0 tcontext=system_u:object_r:httpd_config_t:s0 tclass=file permissive=0',
    ),
    "a policy that was loaded": (
        b"type=USER_AVC msg=audit(1700000008.000:508): pid=1 uid=0 auid=4294967295 ses=4294967295 subj=system_u:system_r:init_t:s0 msg='avc:  received policyload notice (seqno=2)  exe=\"/usr/lib/systemd/systemd\" sauid=0 hostname=? addr=? terminal=?'",
    ),
}
"""Name -> the records of one event, as auditd writes them."""

AVC = b'avc:  denied  { execmem } for  pid=77 comm="httpd" scontext=system_u:system_r:httpd_t:s0 tcontext=system_u:system_r:httpd_t:s0 tclass=process permissive=0'
KERNEL = {
    "auditd": b"type=AVC msg=audit(1700000009.123:9): " + AVC,
    "another node": b"node=web7.example.org type=AVC msg=audit(1700000009.123:9): " + AVC,
    "kern.log": b"Nov 14 22:13:29 web kernel: [  812.345678] audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "old kernel": b"Nov 14 22:13:29 web kernel: type=1400 audit(1700000009.123:9): " + AVC,
    "dmesg": b"[  812.345678] audit: type=1400 audit(1700000009.123:9): " + AVC,
    "journal": b"audit: type=1400 audit(1700000009.123:9): " + AVC,
    "kern.log with RFC 3339 times": b"2023-11-14T22:13:29.123456+00:00 web kernel: [  812.345678] audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "RFC 3339 times, no uptime": b"2023-11-14T22:13:29.123456+01:00 web kernel: audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "messages": b"Nov 14 22:13:29 web kernel: audit: type=1400 audit(1700000009.123:9): " + AVC,
    "syslog with priority": b"<5>Nov 14 22:13:29 web kernel: audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "syslog of RFC 5424": b"<5>1 2023-11-14T22:13:29.1Z web kernel - - - audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "dmesg with dates": b"[Tue Nov 14 22:13:29 2023] audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "dmesg with levels": b"kern  :notice: [  812.345678] audit: type=1400 audit(1700000009.123:9): "
    + AVC,
    "raw kernel buffer": b"<5>[  812.345678] audit: type=1400 audit(1700000009.123:9): " + AVC,
    "dmesg without times": b"audit: type=1400 audit(1700000009.123:9): " + AVC,
    "numeric type of auditd": b"type=1400 msg=audit(1700000009.123:9): " + AVC,
    "numeric type that auditd does not know": b"type=UNKNOWN[1400] msg=audit(1700000009.123:9): "
    + AVC,
    "enriched": b"type=AVC msg=audit(1700000009.123:9): " + AVC + b'\x1dUID="apache" permissive=1',
    "another node, enriched": b"node=web type=AVC msg=audit(1700000009.123:9): "
    + AVC
    + b'\x1dUID="apache"',
    "audisp-syslog of another node": b"Nov 14 22:13:29 log audispd: node=web type=AVC msg=audit(1700000009.123:9): "
    + AVC,
    "audisp-syslog": b"2023-11-14T22:13:29.1+00:00 web audisp-syslog: type=AVC msg=audit(1700000009.123:9): "
    + AVC,
}
"""The same record in the forms that logs give it."""

APPARMOR = {
    "auditd": b'type=AVC msg=audit(1700000010.000:10): apparmor="DENIED" operation="open" profile="/usr/sbin/apache2" name="/srv/shop/settings.py" pid=900 comm="apache2" requested_mask="r" denied_mask="r" fsuid=33 ouid=1000',
    "enriched": b'type=AVC msg=audit(1700000010.000:11): apparmor="DENIED" operation="file_mmap" profile="apache2//shop" name="/srv/venv/_fast.so" pid=901 comm="apache2" requested_mask="m" denied_mask="m" fsuid=33 ouid=0\x1dFSUID="www-data" OUID="root"',
    "hexadecimal": b'type=AVC msg=audit(1700000010.000:12): apparmor="DENIED" operation="open" profile="/usr/sbin/apache2" name=2F7372762F612062 pid=902 comm="apache2" requested_mask="wc" denied_mask="wc" fsuid=33 ouid=33',
    "complains": b'type=AVC msg=audit(1700000010.000:13): apparmor="ALLOWED" operation="open" profile="/usr/sbin/apache2" name="/srv/x" pid=903 comm="apache2" requested_mask="r" denied_mask="r" fsuid=33 ouid=33',
    "syslog": b'Nov 14 22:13:29 web kernel: [  812.345678] audit: type=1400 audit(1700000010.000:15): apparmor="DENIED" operation="exec" profile="apache2" name="/usr/bin/gpg" pid=905 comm="wsgi:shop" requested_mask="x" denied_mask="x" fsuid=33 ouid=0',
}
"""Records of AppArmor; LibAppArmor reads all of these forms."""

NUMBERED = {
    "numbered": b'type=1503 msg=audit(1700000010.000:14): apparmor="DENIED" operation="capable" profile="/usr/sbin/apache2" pid=904 comm="apache2" capability=12  capname="net_admin"',
    "bare": b'audit: type=1400 audit(1700000010.000:16): apparmor="DENIED" operation="open" profile="/usr/sbin/apache2" name="/srv/x" pid=906 comm="apache2" requested_mask="r" denied_mask="r" fsuid=33 ouid=0',
    "uptime": b'[  812.345678] audit: type=1400 audit(1700000010.000:17): apparmor="DENIED" operation="open" profile="/usr/sbin/apache2" name="/srv/x" pid=907 comm="apache2" requested_mask="r" denied_mask="r" fsuid=33 ouid=0',
}
"""Forms that LibAppArmor calls invalid: the journal's, dmesg's, and a type as a number."""
