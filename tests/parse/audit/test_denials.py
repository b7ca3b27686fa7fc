"""What records say: of every form of log, of every kind of object."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.denial import DenialLog
from hostprobe.parse.audit import denials
from hostprobe.parse.audit.denials import parse_denials
from tests.parse.audit.samples import APPARMOR, AVC, KERNEL, NUMBERED, SELINUX


def text(lines):
    return b"".join(line + b"\n" for line in lines)


def selinux(name):
    return parse_denials(text(SELINUX[name])).selinux


@pytest.mark.parametrize("line", KERNEL.values(), ids=KERNEL)
def test_a_record_is_the_same_in_every_form_of_log(line):
    (found,) = parse_denials(line).selinux
    assert (found.kind, found.permissions, found.count) == ("process", ("execmem",), 1)
    assert found.first == found.last == 1700000009.123
    assert found.is_enforced


def test_the_records_of_the_event_tell_path_and_program():
    (found,) = selinux("event of several records")
    assert found.path == "/home/shop/site/settings.py"
    assert found.program == "/usr/sbin/httpd"
    assert found.source == "system_u:system_r:httpd_t:s0"


def test_hexadecimal_digits_are_decoded():
    (found,) = selinux("hexadecimal names")
    assert (found.path, found.is_enforced) == ("/srv/shop/a b.txt", False)


@pytest.mark.parametrize(("name", "port"), [("port", 5432), ("bound port", 8099)])
def test_ports_are_told(name, port):
    (found,) = selinux(name)
    assert (found.port, found.kind) == (port, "tcp_socket")


USER_AVC = SELINUX["object manager"][0]
BUS = {
    "kern.log": b"Nov 14 22:13:25 web kernel: [  8.1] audit: type=1107 audit(1700000005.000:505): "
    + USER_AVC.partition(b"): ")[2],
    "enriched": USER_AVC + b'\x1dUID="dbus" AUID="unset" SAUID="dbus"',
    "permissive": USER_AVC.replace(b"permissive=0", b"permissive=1"),
}


@pytest.mark.parametrize("form", BUS)
def test_the_record_inside_that_of_an_object_manager_is_read_in_every_form(form):
    (found,) = parse_denials(BUS[form]).selinux
    assert (found.kind, found.permissions, found.program) == ("dbus", ("send_msg",), None)
    assert found.is_enforced == (form != "permissive")


def test_an_object_manager_is_not_the_program_that_was_denied():
    (found,) = selinux("object manager")
    assert (found.kind, found.permissions, found.program) == ("dbus", ("send_msg",), None)


def test_two_denials_of_one_event_are_two():
    assert [one.permissions for one in selinux("two denials in one event")] == [
        ("dac_override",),
        ("dac_read_search",),
    ]


@pytest.mark.parametrize("name", ["another domain", "a policy that was loaded"])
def test_what_is_no_denial_of_httpd_is_left_out(name):
    assert selinux(name) == ()


def test_httpd_without_a_domain_of_its_own_is_told_by_its_program():
    unconfined = text(SELINUX["event of several records"]).replace(
        b"system_r:httpd_t:s0 tc", b"system_r:unconfined_service_t:s0 tc"
    )
    (found,) = parse_denials(unconfined).selinux
    assert found.program == "/usr/sbin/httpd"
    other = unconfined.replace(b"/usr/sbin/httpd", b"/usr/bin/other").replace(b'"httpd"', b'"x"')
    assert parse_denials(other).selinux == ()


def test_equal_records_are_counted_with_first_and_last_time():
    lines = [KERNEL["auditd"].replace(b"09.123", b"%02d.5" % number) for number in (30, 10, 20)]
    (found,) = parse_denials(text(lines)).selinux
    assert (found.count, found.first, found.last) == (3, 1700000010.5, 1700000030.5)


def test_pids_and_times_make_no_difference():
    lines = [KERNEL["auditd"].replace(b"pid=77", b"pid=%d" % number) for number in range(50)]
    (found,) = parse_denials(text(lines)).selinux
    assert found.count == 50


def test_categories_of_a_context_are_kept():
    line = SELINUX["port"][0].replace(b"httpd_t:s0 tc", b"httpd_t:s0:c1,c9 tc")
    (found,) = parse_denials(line).selinux
    assert found.source == "system_u:system_r:httpd_t:s0:c1,c9"


def test_bound_ports_are_told_apart():
    line = SELINUX["bound port"][0]
    found = parse_denials(text([line, line.replace(b"8099", b"8100")])).selinux
    assert [one.port for one in found] == [8099, 8100]


def test_a_file_that_was_deleted_has_its_name():
    name = b"/x (deleted)".hex().upper().encode()
    line = SELINUX["hexadecimal names"][0].replace(b"2F7372762F73686F702F6120622E747874", name)
    (found,) = parse_denials(line).selinux
    assert found.path == "/x"


@pytest.mark.parametrize(
    "change",
    [
        (b"scontext=system_u:system_r:httpd_t:s0", b"scontext=a?b:c:httpd_t:s0"),
        (b"tcontext=system_u:system_r:httpd_t:s0", b"tcontext=a&b:c:d"),
        (b"tclass=process", b"tclass=pro&cess"),
        (b"{ execmem }", b"{ }"),
        (b"{ execmem }", b"{ exec,mem }"),
    ],
)
def test_what_no_kernel_writes_is_no_denial(change):
    assert parse_denials(KERNEL["auditd"].replace(*change)).selinux == ()


def test_permissive_and_enforced_are_two():
    lines = [KERNEL["auditd"], KERNEL["auditd"].replace(b"permissive=0", b"permissive=1")]
    assert [one.is_enforced for one in parse_denials(text(lines)).selinux] == [True, False]


def test_names_beyond_number_are_counted_together(monkeypatch):
    monkeypatch.setattr(denials, "MAX_GROUPS", 5)
    name = b'avc:  denied  { read } for  pid=77 comm="httpd" name="%d"'
    lines = [
        KERNEL["auditd"].replace(b'avc:  denied  { execmem } for  pid=77 comm="httpd"', name % n)
        for n in range(40)
    ]
    log = parse_denials(text(lines))
    assert sum(one.count for one in log.selinux) == 40
    assert len(log.selinux) == 6


@pytest.mark.parametrize("line", (APPARMOR | NUMBERED).values(), ids=APPARMOR | NUMBERED)
def test_apparmor_is_read_in_every_form_of_log(line):
    (found,) = parse_denials(line).apparmor
    assert found.operation
    assert found.is_enforced == (b"DENIED" in line)
    assert found.count == 1


def test_of_apparmor_the_hexadecimal_name_and_the_hat_are_told():
    (found,) = parse_denials(APPARMOR["hexadecimal"]).apparmor
    assert (found.name, found.mask) == ("/srv/a b", "wc")
    (found,) = parse_denials(APPARMOR["enriched"]).apparmor
    assert (found.profile, found.name) == ("apache2//shop", "/srv/venv/_fast.so")
    (found,) = parse_denials(NUMBERED["numbered"]).apparmor
    assert found.name == "net_admin"


def test_a_hat_with_a_blank_in_its_name_is_httpds():
    name = b"apache2//a shop".hex().upper().encode()
    line = APPARMOR["auditd"].replace(b'"/usr/sbin/apache2"', name).replace(b'"apache2"', b'"x"')
    (found,) = parse_denials(line).apparmor
    assert found.profile == "apache2//a shop"


@pytest.mark.parametrize(
    "change",
    [
        (b'profile="/usr/sbin/apache2"', b'profile="docker-default"'),
        (b'profile="/usr/sbin/apache2"', b'profile="snap.nextcloud.apache2"'),
        (b'profile="', b'namespace="root//lxd-web" profile="'),
        (b'apparmor="DENIED"', b'apparmor="STATUS"'),
        (b'apparmor="DENIED"', b'apparmor="AUDIT"'),
    ],
)
def test_containers_and_notices_are_left_out(change):
    assert parse_denials(APPARMOR["auditd"].replace(*change)).apparmor == ()


@given(st.lists(st.sampled_from([*KERNEL.values(), *APPARMOR.values(), AVC, b"\0\xff("])))
def test_every_record_is_counted_once(lines):
    log = parse_denials(text(lines))
    records = sum(b"audit(" in line for line in lines)
    assert sum(one.count for one in (*log.selinux, *log.apparmor)) == records


@given(st.binary() | st.lists(st.sampled_from([
    b"type=AVC ", b"msg=audit(", b"1.1:1", b"): ", b"avc:  denied  { ", b"}", b" for ",
    b"scontext=a:b:httpd_t:s0 ", b"tcontext=::: ", b"tclass=", b'apparmor="', b"name=", b"FF",
    b'"', b"\n", b"\x1d", b"path=/", b'comm="httpd" ', b"dest=99999999999 ",
])).map(b"".join))  # fmt: skip
def test_nothing_escapes(data):
    assert isinstance(parse_denials(data), DenialLog)
    assert parse_denials(data) == replace(parse_denials(data))
