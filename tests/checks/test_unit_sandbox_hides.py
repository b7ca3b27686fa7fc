"""What a unit takes away of what an application uses."""

import shlex
from dataclasses import replace

import pytest
from hostprobe_checks.unit_sandbox_hides import unit_sandbox_hides

from hostprobe.check import Certainty, Severity
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.httpd import Where
from hostprobe.model.instance import ProcessGroup, Topology
from hostprobe.model.linkage import Linkage, Linkages
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.own_module import OwnModule, Reached
from hostprobe.model.running.processes import running
from tests.model.linked_host import EXTENSION, HTTPD, PYTHON, environment, instance, thing
from tests.model.memory_files import SOCKET, MemoryFiles
from tests.model.running.builder import process

HOST = HostIdentity("h", "Debian", "6.1", "x86_64", "/", is_live=True, privileged=True)
UNIT = "/lib/systemd/system/apache2.service"
PACKAGE = EXTENSION.rpartition("/")[0]
OBJECT = replace(thing(), stack_flags=6)


def linkage(settings, files=(), *, script="/srv/shop.wsgi", source="", env=None, **changes):
    """An httpd that apache2.service with these settings would start."""
    contents = {
        HTTPD: OBJECT,
        PYTHON: replace(OBJECT, definitions={b"Py_Initialize": ()}),
        EXTENSION: OBJECT,
        UNIT: f"[Service]\n{settings}\n",
        "/run/systemd/system": (),
        script: source,
        **dict(files),
    }
    one = instance(environment=env, **changes)
    start = replace(one.configuration.start, unit="apache2.service")
    application = replace(
        one.applications[0], script=script, own=(OwnModule(script, "", Reached.SCRIPT),)
    )
    one = replace(
        one,
        configuration=replace(one.configuration, start=start),
        applications=(application,),
    )
    return Linkage(MemoryFiles(contents), one)


def judged(one, host=HOST):
    applications = Applications(one.files, Topology((one.instance,)))
    return list(unit_sandbox_hides.body(Linkages((one,)), applications, host))


def run(settings, *arguments, **changes):
    return judged(linkage(settings, *arguments, **changes))


def drop_in(finding):
    """The lines that the first command writes below [Service]."""
    words = shlex.split(finding.remedy[0])
    return words[words.index("[Service]") + 1 : words.index(">")]


HOME = {"script": "/home/shop/app.wsgi"}
READS = "open('/tmp/rates/today.json')"
WRITES = "open('/var/lib/shop/log', 'a')"
DATA = {"/tmp/rates/today.json": "", "/var/lib/shop/old": ""}
CALLBACK = "import cffi\nffi = cffi.FFI()\n@ffi.callback('int(int)')\ndef f(x): return x\n"


@pytest.mark.parametrize(
    ("settings", "changes", "title", "cure"),
    [
        ("ProtectHome=yes", HOME, "hides /home/shop/app.wsgi", "ProtectHome=read-only"),
        (
            "ProtectHome=tmpfs",
            HOME,
            "hides /home/shop/app.wsgi",
            "BindReadOnlyPaths=/home/shop",
        ),
        (
            "PrivateTmp=true",
            {"script": "/tmp/shop/app.wsgi"},
            "hides /tmp/shop/app.wsgi",
            "BindReadOnlyPaths=/tmp/shop",
        ),
        (
            "PrivateTmp=true",
            {"script": "/var/tmp/app.wsgi"},
            "hides /var/tmp/app.wsgi",
            "BindReadOnlyPaths=/var/tmp/app.wsgi",
        ),
        (
            "PrivateTmp=true",
            {"source": READS, "files": DATA},
            "hides /tmp/rates/today.json",
            "BindReadOnlyPaths=/tmp/rates",
        ),
        (
            "PrivateTmp=true",
            {
                "source": "import pymysql\npymysql.connect(unix_socket='/tmp/mysql.sock')",
                "files": {"/tmp/mysql.sock": SOCKET},
            },
            "hides /tmp/mysql.sock",
            "BindReadOnlyPaths=/tmp/mysql.sock",
        ),
        (
            "ProtectSystem=strict",
            {"source": WRITES, "files": DATA},
            "makes /var/lib/shop/log read-only",
            "ReadWritePaths=/var/lib/shop",
        ),
        (
            "DynamicUser=yes",
            {"source": WRITES, "files": DATA},
            "makes /var/lib/shop/log read-only",
            "ReadWritePaths=/var/lib/shop",
        ),
        (
            "DynamicUser=yes",
            {"source": READS, "files": DATA},
            "hides /tmp/rates/today.json",
            "BindReadOnlyPaths=/tmp/rates",
        ),
        (
            "ReadOnlyPaths=/var/lib/shop",
            {"source": WRITES, "files": DATA},
            "makes /var/lib/shop/log read-only",
            "ReadOnlyPaths=",
        ),
        (
            "InaccessiblePaths=/srv /opt",
            {},
            "hides /srv/shop.wsgi",
            "InaccessiblePaths=\nInaccessiblePaths=/opt",
        ),
        (
            "TemporaryFileSystem=/srv:ro",
            {},
            "hides /srv/shop.wsgi",
            "BindReadOnlyPaths=/srv/shop.wsgi",
        ),
        (
            "NoExecPaths=/venv",
            {},
            f"keeps {EXTENSION} from being loaded",
            f"ExecPaths={PACKAGE}",
        ),
        ("RootDirectory=/jail", {}, "hides /srv/shop.wsgi", f"BindReadOnlyPaths=/srv {PACKAGE}"),
        (
            "MemoryDenyWriteExecute=yes",
            {"source": CALLBACK},
            "refuses /srv/shop.wsgi (ffi.callback(), /srv/shop.wsgi:3)",
            "MemoryDenyWriteExecute=no",
        ),
        (
            "MemoryDenyWriteExecute=yes",
            {"files": {EXTENSION: replace(OBJECT, text_relocation=True)}},
            f"refuses {EXTENSION} (relocations in its code)",
            "MemoryDenyWriteExecute=no",
        ),
        (
            "MemoryDenyWriteExecute=yes",
            {"files": {EXTENSION: replace(OBJECT, stack_flags=7)}},
            f"refuses {EXTENSION} (executable stack)",
            "MemoryDenyWriteExecute=no",
        ),
        (
            "PrivateDevices=yes",
            {"source": "open('/dev/ttyS0')", "files": {"/dev/ttyS0": ""}},
            "hides /dev/ttyS0",
            "BindReadOnlyPaths=/dev/ttyS0",
        ),
    ],
)
def test_it_fires_with_the_narrowest_cure_that_works(settings, changes, title, cure):
    (finding,) = run(settings, **changes)
    assert finding.title.startswith(f"{settings.partition(' /opt')[0]}")
    assert f" of apache2.service {title}" in finding.title
    assert finding.severity is Severity.high
    assert drop_in(finding) == cure.split("\n")
    lines = "\n".join(drop_in(finding))
    assert run(f"{settings}\n{lines}", **changes) == []


def group():
    options = {}
    return ProcessGroup("g", None, None, 1, 1, options, Where("/etc/x", 1, 1), "")


def test_it_fires_where_httpd_may_not_talk_to_its_daemons():
    one = linkage("RestrictAddressFamilies=AF_INET AF_INET6")
    one = replace(one, instance=replace(one.instance, process_groups=(group(),)))
    (finding,) = judged(one)
    assert "forbids UNIX sockets" in finding.title
    assert drop_in(finding) == ["RestrictAddressFamilies=AF_UNIX"]


def test_it_fires_for_a_library_that_an_extension_brings():
    needing = replace(OBJECT, needed=(b"libx.so",), runpath=f"{PACKAGE}.libs".encode())
    library = f"{PACKAGE}.libs/libx.so"
    (finding,) = run("NoExecPaths=/venv", {EXTENSION: needing, library: OBJECT})
    assert drop_in(finding) == [f"ExecPaths={PACKAGE} {PACKAGE}.libs"]


def test_it_fires_with_the_setting_undone_where_exceptions_would_be_many():
    env = environment(search_path=tuple(f"/tmp/{number}" for number in range(30)))
    files = {f"/tmp/{number}/x.py": "" for number in range(30)}
    (finding,) = run("PrivateTmp=yes", files, env=env)
    assert drop_in(finding) == ["PrivateTmp=no"]
    assert finding.evidence["used"] == 30


def test_it_fires_once_for_everything_that_one_setting_hides():
    env = environment(EXTENSION, home="/home/venv", search_path=("/home/lib",))
    files = {"/home/venv/pyvenv.cfg": "", "/home/lib/x.py": ""}
    (finding,) = run("ProtectHome=yes", files, env=env, **HOME)
    assert finding.title.endswith("hides /home/shop/app.wsgi (and 2 more)")
    assert [use["purpose"] for use in finding.evidence["uses"]] == [
        "script",
        "Python home",
        "directory of modules",
    ]


def test_it_fires_for_a_path_whose_link_is_hidden():
    one = linkage("PrivateTmp=yes", script="/srv/app.wsgi")
    files = MemoryFiles(one.files.contents, {"/tmp/link": "/srv"})
    application = replace(one.instance.applications[0], script="/tmp/link/app.wsgi")
    one = replace(one, files=files, instance=replace(one.instance, applications=(application,)))
    (finding,) = judged(one)
    assert "hides /tmp/link/app.wsgi" in finding.title


def test_it_fires_as_observed_where_the_running_httpd_does_not_see_it():
    one = linkage("", {"/lib/systemd/system/web.service": "[Service]\nProtectHome=1"}, **HOME)
    one.files.contents["/proc/7/cgroup"] = "0::/system.slice/web.service\n"
    live = running([process(7, root="/proc/7/root")], ())
    (finding,) = judged(replace(one, instance=replace(one.instance, running=live)))
    assert finding.certainty is Certainty.observed
    assert finding.subject == "unit:web.service/ProtectHome"


def test_it_is_silent_where_hostprobe_runs_in_the_same_unit():
    one = linkage("", {"/lib/systemd/system/ci.service": "[Service]\nProtectHome=1"}, **HOME)
    for who in ("7", "self"):
        one.files.contents[f"/proc/{who}/cgroup"] = "0::/system.slice/ci.service\n"
    live = running([process(7)], ())
    assert judged(replace(one, instance=replace(one.instance, running=live))) == []


def test_it_fires_for_a_mounted_root_with_systemd():
    one = linkage("ProtectHome=yes", {"/usr/lib/systemd/systemd": ""}, **HOME)
    assert judged(one, replace(HOST, is_live=False))


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ("PrivateTmp=true", {}),
        ("PrivateTmp=true", {"source": "open('/tmp/own', 'w')"}),
        ("PrivateTmp=true", {"source": "open('/tmp/a', 'w')\nopen('/tmp/a')",
                             "files": {"/tmp/a": ""}}),
        ("PrivateTmp=true", {"source": "open('/tmp/absent')"}),
        ("PrivateTmp=false", {"script": "/tmp/app.wsgi"}),
        ("ProtectHome=read-only", HOME),
        ("ProtectHome=yes", {}),
        ("ProtectHome=yes\nProtectHome=no", HOME),
        ("ProtectSystem=strict", {"source": "open('/var/lib/shop/old')", "files": DATA}),
        ("ProtectSystem=strict\nReadWritePaths=/var/lib/shop", {"source": WRITES, "files": DATA}),
        ("ProtectSystem=strict\nStateDirectory=shop", {"source": WRITES, "files": DATA}),
        ("ProtectSystem=full", {"source": WRITES, "files": DATA}),
        ("NoExecPaths=/\nExecPaths=/usr /venv", {}),
        ("NoExecPaths=/srv", {}),
        ("RestrictAddressFamilies=AF_INET", {}),
        ("MemoryDenyWriteExecute=yes", {}),
        ("MemoryDenyWriteExecute=yes", {"source": "import ctypes\nctypes.CFUNCTYPE(None)(f)"}),
        ("PrivateDevices=yes", {"source": "open('/dev/null')", "files": {"/dev/null": ""}}),
    ],
)  # fmt: skip
def test_it_is_silent_for_what_is_left(settings, changes):
    assert run(settings, **changes) == []


def test_it_is_silent_for_a_directory_of_modules_that_is_empty():
    one = linkage("ProtectHome=yes", env=environment(search_path=("/root/lib",)))
    one.files.children["/root/lib"] = set()
    assert judged(one) == []
    one.files.children["/root/lib"] = {"x.py"}
    assert len(judged(one)) == 1


def test_it_is_silent_where_systemd_is_not_the_init():
    one = linkage("ProtectHome=yes", **HOME)
    del one.files.children["/run/systemd"], one.files.contents["/run/systemd/system"]
    assert judged(one) == []
    assert judged(one, replace(HOST, is_live=False)) == []


def test_it_is_silent_without_a_unit():
    one = linkage("ProtectHome=yes", **HOME)
    start = replace(one.instance.configuration.start, unit="")
    configuration = replace(one.instance.configuration, start=start)
    assert judged(replace(one, instance=replace(one.instance, configuration=configuration))) == []
