"""Where httpd is and how it would be started."""

import pytest

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.model.httpd.start import find_starts
from tests.model.memory_files import MemoryFiles

BUILD = (HttpdBuild("2.4.57", "/etc/apache2", "apache2.conf", ()),)
ENVVARS = """unset HOME
if [ "${APACHE_CONFDIR##/etc/apache2-}" != "${APACHE_CONFDIR}" ] ; then
    SUFFIX="-${APACHE_CONFDIR##/etc/apache2-}"
else
    SUFFIX=
fi
export APACHE_RUN_DIR=/var/run/apache2$SUFFIX
: ${APACHE_LOCK:=x}
export LANG=C
export LANG
"""
DEBIAN = {
    "/usr/sbin/apache2": BUILD,
    "/etc/apache2/apache2.conf": "",
    "/etc/apache2/envvars": ENVVARS,
}
RHEL_BUILD = (HttpdBuild("2.4.57", "/etc/httpd", "conf/httpd.conf", ()),)
UNIT = "[Service]\nEnvironment=LANG=C\nExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND\n"
RHEL = {
    "/usr/sbin/httpd": RHEL_BUILD,
    "/etc/httpd/conf/httpd.conf": "",
    "/usr/lib/systemd/system/httpd.service": UNIT,
}


def starts(contents, **options):
    found = find_starts(MemoryFiles(contents), **options)
    assert not isinstance(found, Missing), found
    return found


def test_debian_takes_the_environment_of_its_control_script():
    (start,) = starts(DEBIAN)
    assert (start.binary, start.config_file) == ("/usr/sbin/apache2", "/etc/apache2/apache2.conf")
    assert (start.server_root, start.origin) == ("/etc/apache2", "/usr/sbin/apache2ctl")
    assert start.environment == {
        "APACHE_CONFDIR": "/etc/apache2", "APACHE_RUN_DIR": "/var/run/apache2", "LANG": "C"
    }  # fmt: skip


def test_every_debian_instance_is_a_start_of_its_own():
    more = {"/etc/apache2-two/apache2.conf": "", "/etc/apache2-two/envvars": ENVVARS}
    one, two = starts(DEBIAN | more | {"/etc/apache2-broken/x": ""})
    assert one.server_root == "/etc/apache2"
    assert (two.server_root, two.origin) == ("/etc/apache2-two", "/usr/sbin/apache2ctl-two")
    assert two.environment["APACHE_RUN_DIR"] == "/var/run/apache2-two"


def test_debian_arguments_and_another_binary_count():
    text = (
        "export LD_PRELOAD=/p.so\nAPACHE_ARGUMENTS='-D A -DB -f other.conf'\nAPACHE_HTTPD=/opt/h\n"
    )
    (start,) = starts(DEBIAN | {"/etc/apache2/envvars": text})
    assert (start.binary, start.defines) == ("/opt/h", ("A", "B"))
    assert start.config_file == "/etc/apache2/other.conf"
    assert start.environment["LD_PRELOAD"] == "/p.so"


def test_the_unit_and_its_drop_ins_count():
    folder = "/etc/systemd/system/httpd.service.d"
    more = {
        f"{folder}/b.conf": "[Service]\nEnvironment=\"OPTIONS=-D X -c 'Listen 81'\" LANG=D\n",
        f"{folder}/a.conf": "[Service]\nEnvironment=\nEnvironmentFile=-/etc/sysconfig/httpd\n",
        f"{folder}/ignored": "[Service]\nEnvironment=IGNORED=1\n",
        "/etc/sysconfig/httpd": "LD_LIBRARY_PATH=/opt/$x\n# no\nLANG=E\n",
    }
    (start,) = starts(RHEL | more)
    assert start.origin == "httpd.service"
    assert (start.config_file, start.server_root) == ("/etc/httpd/conf/httpd.conf", "/etc/httpd")
    assert (start.defines, start.after) == (("X", "FOREGROUND"), ("Listen 81",))
    assert start.environment["LANG"] == "E"
    assert start.environment["LD_LIBRARY_PATH"] == "/opt/${x}"
    assert "IGNORED" not in start.environment


def test_a_unit_of_etc_replaces_that_of_the_package():
    (start,) = starts(RHEL | {"/etc/systemd/system/httpd.service": UNIT.replace("=C", "=F")})
    assert start.environment["LANG"] == "F"


def test_without_unit_the_compiled_in_defaults_and_sysconfig_count():
    binary = "/usr/local/apache2/bin/httpd"
    build = (HttpdBuild("2.4.57", "/usr/local/apache2", "conf/httpd.conf", ()),)
    envvars = 'LD_LIBRARY_PATH="/usr/local/apache2/lib:$LD_LIBRARY_PATH"\nexport LD_LIBRARY_PATH\n'
    (start,) = starts({binary: build, "/usr/local/apache2/bin/envvars": envvars})
    assert start.config_file == "/usr/local/apache2/conf/httpd.conf"
    assert start.environment == {"LD_LIBRARY_PATH": "/usr/local/apache2/lib:"}
    assert start.origin == f"compiled into {binary}"


@pytest.mark.parametrize("host", [DEBIAN, RHEL])
def test_a_given_configuration_is_exactly_one_start(host):
    more = {"/x/test.conf": "", "/etc/apache2-two/apache2.conf": ""}
    (start,) = starts(
        host | more, config_file="/x/test.conf", defines=("D",), before=("A",), after=("B",)
    )
    assert (start.config_file, start.origin) == ("/x/test.conf", "--config")
    assert start.environment["LANG"] == "C"
    assert (start.defines[-1], start.before, start.after) == ("D", ("A",), ("B",))


def test_a_given_configuration_of_another_instance_has_its_environment():
    more = {"/etc/apache2-two/apache2.conf": "", "/etc/apache2-two/envvars": ENVVARS}
    (start,) = starts(DEBIAN | more, config_file="/etc/apache2-two/apache2.conf")
    assert start.environment["APACHE_RUN_DIR"] == "/var/run/apache2-two"


def test_no_httpd_is_an_established_absence_in_one_sentence():
    found = find_starts(MemoryFiles({"/etc/apache2/apache2.conf": ""}))
    assert isinstance(found, Missing)
    assert found.not_found
    assert found.reason.startswith("No Apache httpd is installed here")


@pytest.mark.parametrize("option", ["config_file", "binary"])
def test_a_given_file_that_is_not_there_is_no_established_absence(option):
    found = find_starts(MemoryFiles(DEBIAN), **{option: "/none"})
    assert found == Missing("/none: no such file")


def test_a_debian_configuration_that_is_closed_to_us_is_still_the_one():
    files = MemoryFiles({"/usr/sbin/apache2": BUILD})
    stat = files.stat
    denied = Missing("/etc/apache2/apache2.conf: permission denied")
    files.stat = lambda path: denied if path.startswith("/etc/apache2/") else stat(path)
    (start,) = find_starts(files)
    assert start.config_file == "/etc/apache2/apache2.conf"


@pytest.mark.parametrize(
    ("lines", "directory"),
    [
        ("", "/"),
        ("WorkingDirectory=/srv/run\n", "/srv/run"),
        ("WorkingDirectory=-/srv/run\n", "/srv/run"),
        ("WorkingDirectory=/a\nWorkingDirectory=\n", "/"),
        ("WorkingDirectory=~\n", None),
    ],
)
def test_a_unit_says_where_httpd_is_executed(lines, directory):
    (start,) = starts(RHEL | {"/usr/lib/systemd/system/httpd.service": UNIT + lines})
    assert start.directory == directory


def test_the_option_x_defines_debug():
    unit = "[Service]\nExecStart=/usr/sbin/httpd -X -DMORE\n"
    (start,) = starts(RHEL | {"/usr/lib/systemd/system/httpd.service": unit})
    assert start.defines == ("DEBUG", "MORE")


UNITS = "/lib/systemd/system"
SAYING = "[Service]\nEnvironment=A={}\n"


@pytest.mark.parametrize(
    ("unit", "drop_ins", "said"),
    [
        ("apache2@.service", {}, "unit"),
        ("apache2@blog.service", {}, "unit"),
        ("apache2@.service", {"apache2@.service.d/a.conf": "1"}, "1"),
        ("apache2@.service", {"apache2@blog.service.d/a.conf": "1"}, "1"),
        ("apache2@.service", {"service.d/a.conf": "1", "apache2@.service.d/b.conf": "2"}, "2"),
        ("apache2@.service", {"apache2@.service.d/a.conf": "1", "service.d/b.conf": "2"}, "2"),
        ("apache2@.service", {"apache2@.service.d/a.conf": "1", "service.d/a.conf": "2"}, "1"),
        ("apache2@.service", {"apache2@shop.service.d/a.conf": "1"}, "unit"),
    ],
)
def test_an_instance_is_made_of_its_template_with_all_drop_ins(unit, drop_ins, said):
    files = {f"{UNITS}/{unit}": SAYING.format("unit")}
    files |= {f"/etc/systemd/system/{name}": SAYING.format(a) for name, a in drop_ins.items()}
    (start,) = starts(DEBIAN | {"/etc/apache2-blog/apache2.conf": ""} | files)[1:]
    assert start.environment["A"] == said
    assert start.unit == "apache2@blog.service"


@pytest.mark.parametrize(
    ("config", "unit"), [("/etc/apache2/apache2.conf", "apache2.service"), ("/srv/test.conf", "")]
)
def test_a_unit_starts_only_its_own_configuration(config, unit):
    files = {f"{UNITS}/apache2.service": "[Service]\n", "/srv/test.conf": ""}
    (start,) = starts(DEBIAN | files, config_file=config)
    assert start.unit == unit
