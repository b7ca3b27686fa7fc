"""Other Debian releases as judges: the model of a root against the ld.so inside it.

    python -m tests.oracle.roots [SUITE ...]      as root; needs mmdebstrap and the network

Makes a root of each release once, runs its python3 and its apache2 -X in a chroot under LD_DEBUG,
prints one line of agreement for each, then what `hostprobe scan --root` says of it. It takes about
a minute for a new root and needs 700 MB for each, so it is no part of the test suite.
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.start import find_starts
from hostprobe.model.loader.process import simulate
from hostprobe.model.topology import build_topology
from tests.oracle.compare import (
    predicted_bindings,
    predicted_history,
    recorded_bindings,
    recorded_history,
)
from tests.oracle.httpd import operations_of
from tests.oracle.ld_debug import ENVIRONMENT, parse
from tests.real.httpd import find_free_port

PLACE = Path("/var/tmp/hostprobe-roots")
SUITES = ("bullseye", "bookworm", "trixie")
ENDED = {"bullseye"}
"""Their security updates vanish from the mirrors file by file."""

PACKAGES = (
    "apache2 libapache2-mod-wsgi-py3 libapache2-mod-php php-readline php-xml libapache2-mod-perl2 "
    "libapache2-mod-svn python3-venv"
)
STDLIB = ["ssl", "sqlite3", "pyexpat", "readline", "curses", "ctypes", "bz2", "lzma", "uuid"]
STDLIB += ["hashlib", "decimal", "zlib"]
LISTING = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)\n"
PATH = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
WHEELS = ["lxml", "numpy", "psycopg2-binary", "pillow", "cryptography"]
EXTENSIONS = ["lxml.etree", "lxml.objectify", "numpy", "psycopg2", "PIL._imaging"]
SITE = """
<VirtualHost *:80>
    ServerName shop.example.org
    WSGIDaemonProcess shop user=www-data threads=5 python-home=/srv/venv
    WSGIScriptAlias / /srv/shop/shop.wsgi process-group=shop application-group=%{GLOBAL}
    WSGIScriptAlias /console /srv/console/console.wsgi
    <Directory /srv>
        Require all granted
    </Directory>
</VirtualHost>
"""
EMBEDDED = """
WSGIScriptAlias /every /srv/every/every.wsgi
<Directory /srv/every>
    Require all granted
</Directory>
"""
SCRIPT = """
{imports}
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"imported"]
"""
PROOF = """
import sys
sys.path.append("/{packages}")
from lxml import html
import readline
{imports}
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    readline.clear_history()
    readline.add_history("one")
    readline.add_history("two")
    page = html.fromstring("<div><textarea><b>x</b></textarea></div>")
    return [repr((readline.get_current_history_length(), page.find("textarea").text)).encode()]
"""
"""The two conflicts that the scan reports, seen: (2, '<b>x</b>') outside httpd."""

LIBRARY = """
library() {
    name=$1 source=$2
    shift 2
    echo "$source" >$name.c
    gcc -w -shared -fPIC -nostdlib -o $name.so $name.c "$@" -Wl,-rpath,/tmp/habit
}
"""
USER = "library a 'extern int f; int g(void) { return f; }' b.so"
CIRCLE = """
mkdir stubs
for one in a b c d; do library $one 'int f;' -Wl,-soname,$one.so; mv $one.so stubs; done
needs="-Wl,--no-as-needed -Lstubs"
library a 'int f;' $needs -l:b.so -l:c.so
library b 'int f;' $needs -l:c.so
library c 'int f;' $needs -l:b.so -l:d.so
library d 'int f;'
"""
LOST = f"""
echo 'V1 {{ global: f; }};' >map
library b 'int f;' -Wl,--version-script=map
{USER}
library b 'int f;'
"""
HABITS = {
    "an executable stack": "library a 'int f;' -z execstack",
    "a program": "echo 'void _start(void) {}' >a.c; gcc -pie -fPIE -nostdlib a.c -o a.so",
    "capability subdirectories": f"""
        library b 'int f;'; {USER}; mkdir -p glibc-hwcaps/x86-64-v2 tls
        cp b.so glibc-hwcaps/x86-64-v2; cp b.so tls""",
    "legacy subdirectories": f"""
        library b 'int f;'; {USER}; mkdir tls x86_64; cp b.so tls; cp b.so x86_64""",
    "a circle": CIRCLE,
    "lost versions": LOST,
}
"""What releases do differently -> how /tmp/habit/a.so is made to show it."""

OLDER = ("openssl-older-than-built", "low", "openssl")
COMMON = frozenset(
    {
        ("symbol-interposed", "critical", "libreadline"),
        ("libxml2-mixed", "high", "lxml"),
        ("symbol-interposed", "low", "_cffi_backend"),
    }
)
CONFLICTS = {
    "bullseye": COMMON
    | {
        ("symbol-interposed", "low", "pillow"),
        ("symbol-interposed", "medium", "psycopg2_binary"),
        ("openssl-mixed", "info", "psycopg2_binary"),
    },
    "bookworm": COMMON
    | {
        ("symbol-interposed", "low", "pillow"),
        ("openssl-mixed", "medium", "psycopg2_binary"),
    },
    "trixie": COMMON
    | {
        ("symbol-interposed", "medium", "pillow"),
        ("openssl-mixed", "medium", "psycopg2_binary"),
    },
}
"""What the shop's wheels meet there: each gone through by hand."""

OPENING = """
import _ctypes
try:
    _ctypes.dlopen("/tmp/habit/a.so", 2)
except OSError as error:
    print(error)
"""


def make_root(suite):
    """The root of a release, with applications as packaging/sample-host has them."""
    root = PLACE / suite
    if not (root / "etc/apache2").exists():
        options = ["--variant=apt", "--include=" + ",".join(PACKAGES.split())]
        if suite in ENDED:
            options.append("--setup-hook=sed -i /security/d $1/etc/apt/sources.list")
        subprocess.check_call(["mmdebstrap", *options, suite, str(root)])
    if not (root / "srv/every").exists():
        add_applications(root)
    return root


def add_applications(root):
    subprocess.check_call(["chroot", root, "a2enmod", "-q", "ssl"])
    subprocess.check_call(["chroot", root, "python3", "-m", "venv", "--without-pip", "/srv/venv"])
    packages = site_packages(root)
    version = packages.parent.name.removeprefix("python")
    pip = [sys.executable, "-m", "pip", "install", "-q", "--only-binary", ":all:"]
    subprocess.check_call([*pip, "--python-version", version, "--target", packages, *WHEELS])
    for name, imports in {"shop": EXTENSIONS, "console": ["readline"]}.items():
        write(root / f"srv/{name}/{name}.wsgi", SCRIPT.format(imports=lines_of(imports)))
    imports = lines_of([*STDLIB, *EXTENSIONS])
    proof = PROOF.format(packages=packages.relative_to(root), imports=imports)
    write(root / "srv/every/every.wsgi", proof)
    write(root / "etc/apache2/sites-available/shop.conf", SITE)
    write(root / "etc/apache2/every.conf", EMBEDDED)
    subprocess.check_call(["chroot", root, "a2ensite", "-q", "shop"])


def lines_of(imports):
    return "\n".join(f"import {name}" for name in imports)


def site_packages(root):
    (found,) = (root / "srv/venv/lib").glob("python3.*/site-packages")
    return found


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def start(root, command, environment, **options):
    """A process inside the root whose loader writes a log there."""
    shutil.rmtree(root / "tmp/oracle", ignore_errors=True)
    (root / "tmp/oracle").mkdir()
    return subprocess.Popen(
        command,
        env={**environment, **ENVIRONMENT, "LD_DEBUG_OUTPUT": "/tmp/oracle/log"},
        preexec_fn=lambda: (os.chroot(root), os.chdir("/")),  # noqa: PLW1509 (no threads here)
        start_new_session=True,
        **options,
    )


def record(root, process, main):
    """What this very process did: daemons that it forks write into the same file."""
    log = (root / f"tmp/oracle/log.{process.pid}").read_text("utf-8", "surrogateescape")
    own = (line for line in log.splitlines() if line.partition(":")[0].strip() == str(process.pid))
    return parse("\n".join(own), main)


def python_run(root):
    """(the plan, the record) of a plain interpreter that imports the standard library."""
    process = start(root, ["/usr/bin/python3", "-c", LISTING, *STDLIB], PATH)
    assert process.wait(120) == 0
    found = record(root, process, "/usr/bin/python3")
    return Plan("/usr/bin/python3", python_opens(found)), found


def configuration_of(root, path="/etc/apache2/apache2.conf"):
    files = LiveFiles(str(root))
    (one,) = find_starts(files, path)
    return files, evaluate(files, one, files.read(one.binary, HttpdBuild))


def httpd_run(root):
    """(the plan, the record, the proof) of the root's own httpd with its own modules."""
    port = find_free_port()
    text = (root / "etc/apache2/apache2.conf").read_text()
    text = text.replace("Include ports.conf", f"Listen 127.0.0.1:{port}\nInclude every.conf")
    # the daemons of these would write into the same log
    text = text.replace("IncludeOptional sites-enabled", "# ")
    write(root / "etc/apache2/oracle.conf", f"ServerName localhost\n{text}")
    (root / "run/apache2").mkdir(parents=True, exist_ok=True)
    _, configuration = configuration_of(root, "/etc/apache2/oracle.conf")
    environment = PATH | dict(configuration.start.environment)
    binary = configuration.start.binary
    process = start(root, [binary, "-X", "-f", "/etc/apache2/oracle.conf"], environment)
    try:
        proof = ask(process, port, "/every")
        found = record(root, process, binary)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    paths = [load.path for load in configuration.loads]
    return Plan(binary, operations_of(paths, found)), found, proof


def ask(process, port, path):
    """The answer, as soon as there is one."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("GET", path)
            return connection.getresponse().read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"httpd does not answer: {process.poll()}")


def habit_run(root, recipe):
    """Whether the model does what this release does, and what that is."""
    place = root / "tmp/habit"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    subprocess.run(["sh", "-ec", LIBRARY + recipe], check=True, cwd=place)
    command = ["/usr/bin/python3", "-c", OPENING]
    process = start(root, command, PATH, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate(timeout=60)
    found = record(root, process, "/usr/bin/python3")
    last = Open("/tmp/habit/a.so", OpenFlags.NOW, None, "python")
    opens = (*python_opens(found, but="/habit/"), last)
    ours = simulate(LiveFiles(str(root)), Plan("/usr/bin/python3", opens))
    said = (out or err).strip()
    same = bool(said) == bool(ours.failures) and bool(process.returncode) == bool(ours.died)
    if not said:
        same &= predicted_history(ours) == recorded_history(found)
        same &= predicted_bindings(ours) == recorded_bindings(found)
        said = " ".join([name for step, name in found.history if step == "relocate"][-4:])
    return same, said


def python_opens(found, but=None):
    """The dlopens of a plain interpreter, without those of one place."""
    opened = [name for step, name in found.history if step == "open"]
    return tuple(
        Open(path, OpenFlags.NOW, found.callers.get(path), "python")
        for path in opened
        if but is None or but not in path
    )


def agreement(root, name, plan, found):
    """Print how much of the record is predicted; whether all of it is."""
    process = simulate(LiveFiles(str(root)), plan)
    ours, theirs = predicted_bindings(process), recorded_bindings(found)
    missing, extra = theirs - ours, ours - theirs
    same_order = predicted_history(process) == recorded_history(found)
    release = ".".join(map(str, process.state.rules.version)) if process.state else "?"
    print(
        f"{root.name} glibc {release} {name}: {len(process.objects)} objects, "
        f"{len(theirs)} bindings, {len(missing)} not predicted, {len(extra)} wrongly; history "
        f"{'identical' if same_order else 'DIFFERENT'} ({len(recorded_history(found))} steps), "
        f"{len(process.failures)} failures, problems {process.problems}"
    )
    for row in (*sorted(missing, key=str)[:10], *sorted(extra, key=str)[:10]):
        print("   ", row)
    for failure in process.failures[:10]:
        print("   ", failure.message)
    steps = enumerate(zip(predicted_history(process), recorded_history(found), strict=False))
    for number, (ours, theirs) in [row for row in steps if row[1][0] != row[1][1]][:8]:
        print(f"    step {number}: predicted {ours}, was {theirs}")
    return not missing and not extra and same_order and not process.failures


def planned_as_recorded(root, plan):
    """What hostprobe takes PHP to open is what PHP opened, in its order."""
    files, configuration = configuration_of(root)
    (instance,) = build_topology(files, (configuration,)).instances
    ours = [one.path for one in instance.late_opens if one.by == "php"]
    theirs = [one.path for one in plan.operations if isinstance(one, Open) and one.by == "php"]
    print(f"{root.name}: PHP opens {len(theirs)}, predicted {len(ours)}")
    return ours == theirs


def judge(root):
    """Whether model and root agree in everything; the findings are for a person to read."""
    good = agreement(root, "python3", *python_run(root))
    plan, found, proof = httpd_run(root)
    good &= agreement(root, "apache2", plan, found)
    good &= planned_as_recorded(root, plan)
    for habit, recipe in HABITS.items():
        same, said = habit_run(root, recipe)
        good &= same
        print(f"{root.name} {habit}: {'as predicted' if same else 'OTHERWISE'} ({said[-90:]})")
    print(
        f"{root.name}: the two conflicts answer {proof}, (2, '<b>x</b>') without httpd", flush=True
    )
    return good & as_expected(root)


def as_expected(root):
    """The scan of the stock configuration is silent, that with the applications says what is so.

    Without the log of the run that was recorded: what has happened there is no prediction.
    """
    (root / "var/log/apache2/error.log").unlink(missing_ok=True)
    text = (root / "etc/apache2/apache2.conf").read_text()
    write(root / "etc/apache2/stock.conf", text.replace("IncludeOptional sites-enabled", "# "))
    stock = findings(root, "--config", "/etc/apache2/stock.conf") - {OLDER}
    shop = findings(root) - {OLDER}
    for found, expected in ((stock, frozenset()), (shop, CONFLICTS[root.name])):
        for row in sorted(found ^ expected):
            print(f"{root.name}: {'UNEXPECTED' if row in found else 'NOT FOUND'} {row}")
    print(
        f"{root.name}: {len(stock)} findings on the stock configuration, {len(shop)} on the shop's"
    )
    return not stock and shop == CONFLICTS[root.name]


def findings(root, *options):
    """(check, severity, name of the subject) of each, where the hashes in names are left out."""
    command = [sys.executable, "-m", "hostprobe", "scan", "--format", "json", "--root", root]
    run = subprocess.run([*command, *options], stdout=subprocess.PIPE, check=False)
    return {
        (one["check"], one["severity"], one["subject"].rpartition("/")[2].partition(".")[0])
        for one in json.loads(run.stdout)["findings"]
    }


if __name__ == "__main__":
    PLACE.mkdir(exist_ok=True)
    verdicts = [judge(make_root(suite)) for suite in sys.argv[1:] or SUITES]
    sys.exit(not all(verdicts))
