"""A host laid out as RHEL 9 is: relative modules, lib64, php.d, a unit, a merged /usr."""

from dataclasses import replace

from hostprobe.facts.elf import Banners
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.linker import CacheEntry, LinkerCache
from hostprobe.facts.php import PhpBuild
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import find_starts
from hostprobe.model.linkage import Linkage
from hostprobe.model.topology import build_topology
from tests.model.linked_host import thing
from tests.model.memory_files import MemoryFiles

HTTPD_CONF = """
ServerRoot "/etc/httpd"
Listen 80
Include conf.modules.d/*.conf
User apache
Group apache
IncludeOptional conf.d/*.conf
"""
SITE = """
<VirtualHost *:80>
ServerName shop.example.org
WSGIDaemonProcess shop python-home=/srv/venv
WSGIScriptAlias / /srv/shop.wsgi process-group=shop application-group=%{GLOBAL}
</VirtualHost>
"""
MODULES = "/usr/lib64/httpd/modules"
LOADER = "/usr/lib64/ld-linux-x86-64.so.2"
EDIT, READLINE = "/usr/lib64/libedit.so.0.0.72", "/usr/lib64/libreadline.so.8.1"
EXTENSION = "/usr/lib64/python3.9/lib-dynload/readline.cpython-39-x86_64-linux-gnu.so"
PROGRAM = replace(thing(), interpreter=b"/lib64/ld-linux-x86-64.so.2")
NAMES = ("add_history", "clear_history")
CONTENTS = {
    "/usr/sbin/httpd": (PROGRAM, HttpdBuild("2.4.57", "/etc/httpd", "conf/httpd.conf", ())),
    "/usr/lib/systemd/system/httpd.service": (
        "[Service]\nEnvironment=LANG=C\nExecStart=/usr/sbin/httpd $OPTIONS -DFOREGROUND\n"
    ),
    "/etc/httpd/conf/httpd.conf": HTTPD_CONF,
    "/etc/httpd/conf.modules.d/00-mpm.conf": "LoadModule mpm_prefork_module modules/mpm.so\n",
    "/etc/httpd/conf.modules.d/10-wsgi-python3.conf": (
        "<IfModule !wsgi_module>\nLoadModule wsgi_module modules/mod_wsgi_python3.so\n</IfModule>\n"
    ),
    "/etc/httpd/conf.modules.d/15-php.conf": "LoadModule php_module modules/libphp.so\n",
    "/etc/httpd/conf.d/shop.conf": SITE,
    "/etc/ld.so.cache": (
        LinkerCache(
            (
                CacheEntry(b"libedit.so.0", b"/lib64/libedit.so.0", 0x0303, ""),
                CacheEntry(b"libreadline.so.8", b"/lib64/libreadline.so.8", 0x0303, ""),
                CacheEntry(b"libpython3.9.so.1.0", b"/lib64/libpython3.9.so.1.0", 0x0303, ""),
            )
        ),
    ),
    "/etc/php.ini": "",
    "/etc/php.d/20-readline.ini": "extension=readline\n",
    f"{MODULES}/mpm.so": thing(),
    f"{MODULES}/mod_wsgi_python3.so": thing(needed=["libpython3.9.so.1.0"]),
    f"{MODULES}/libphp.so": (thing(), PhpBuild("/etc", "/etc/php.d", "/usr/lib64/php/modules")),
    "/usr/lib64/php/modules/readline.so": thing(["get_module"], NAMES, needed=["libedit.so.0"]),
    LOADER: thing(soname="ld-linux-x86-64.so.2"),
    "/usr/lib64/libc.so.6": (thing(soname="libc.so.6"), Banners((("glibc", "2.34"),))),
    EDIT: thing([*NAMES, "el_a", "el_b", "el_c"], soname="libedit.so.0"),
    READLINE: thing([*NAMES, *(f"rl_{n}" for n in range(9))], soname="libreadline.so.8"),
    "/usr/lib64/libpython3.9.so.1.0": thing(["Py_Initialize"], soname="libpython3.9.so.1.0"),
    "/usr/bin/python3.9": replace(PROGRAM, needed=(b"libpython3.9.so.1.0",)),
    "/usr/lib64/python3.9/os.py": "",
    EXTENSION: thing(refers=NAMES, needed=["libreadline.so.8"]),
    "/srv/venv/pyvenv.cfg": "home = /usr/bin\nversion = 3.9.18\n",
    "/srv/venv/lib/python3.9/site-packages/x.py": "",
    "/srv/shop.wsgi": "import readline\n",
}
LINKS = {
    "/lib64": "usr/lib64",
    "/etc/httpd/modules": "../../usr/lib64/httpd/modules",
    "/usr/lib64/libedit.so.0": "libedit.so.0.0.72",
    "/usr/lib64/libreadline.so.8": "libreadline.so.8.1",
    "/usr/bin/python3": "python3.9",
    "/srv/venv/bin/python3": "/usr/bin/python3",
    "/srv/venv/lib64": "lib",
}


def linkage():
    files = MemoryFiles(CONTENTS, LINKS)
    (start,) = find_starts(files)
    configuration = evaluate(files, start, files.read(start.binary, HttpdBuild))
    (instance,) = build_topology(files, (configuration,)).instances
    return Linkage(files, instance)


def test_modules_and_python_are_found():
    instance = linkage().instance
    assert instance.mod_wsgi.endswith("modules/mod_wsgi_python3.so")
    (application,) = instance.applications
    assert (application.process_group, application.script) == ("shop", "/srv/shop.wsgi")
    assert [one.path for one in application.reachable] == [EXTENSION]
    assert application.environment.version == "3.9"
    assert [one.path for one in instance.late_opens] == ["/usr/lib64/php/modules/readline.so"]


def test_the_process_loads_by_the_rules_of_its_own_c_library():
    parent = linkage().parent
    assert parent.failures == ()
    assert parent.problems == ()
    assert parent.state.rules.version == (2, 34)
    assert {EDIT, "/usr/lib64/libpython3.9.so.1.0"} <= {one.real for one in parent.objects}


def test_the_conflict_is_seen():
    (conflict,) = linkage().conflicts("")
    assert [one.real for one in conflict.interposition.winners] == [EDIT]
    assert [one.real for one in conflict.interposition.losers] == [READLINE]
    cures = [cure.change for cure in conflict.cures if cure.works]
    assert any("extension line of /usr/lib64/php/modules/readline.so" in cure for cure in cures)
