"""Check: embedded applications read a HOME that is not their user's."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.home_readers import HomeReader, home_readers
from hostprobe.model.inherited_home import InheritedHome, inherited_home
from hostprobe.model.instance import Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.separation import separation
from hostprobe.model.working_directory import Workplaces

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://man7.org/linux/man-pages/man5/systemd.exec.5.html",
)
MOST_SHOWN = 20


@check(Severity.medium, REFERENCES)
def home_inherited(applications: Applications, places: Workplaces) -> Iterator[Finding]:
    """An application in embedded mode reads HOME, and it is another user's.

    Why it matters
    --------------
    The children of httpd have the environment of its start, but they run as another user. If HOME
    is in that environment, `~` leads an embedded application to the home of root, or of whoever
    started httpd: it may not enter it, or finds somebody else's settings there. Without HOME Python
    asks passwd, and all is well; daemons of mod_wsgi set it themselves.

    Example
    -------
    `PermissionError: [Errno 13] Permission denied: '/root/.config/matplotlib'` after httpd was
    started by hand, and never after a reboot.

    Remedy
    ------
    First thing in the script: `os.environ["HOME"] = pwd.getpwuid(os.getuid()).pw_dir`; or take
    HOME out of what starts httpd, or run the application in daemon mode. Stop and start httpd.
    Afterwards `hostprobe scan --select home-inherited` is silent.

    Not found by this check
    -----------------------
    Libraries that look into the home directory and are not in the table of
    hostprobe/model/home_readers.py; paths with ~ that come from settings; a start by hand of an
    httpd that systemd could start, unless it runs.

    References
    ----------
    mod_wsgi documentation, Application Issues (User HOME Environment Variable); systemd.exec(5),
    Environment Variables in Spawned Processes; Python's posixpath.expanduser.
    """
    for instance, one in zip(applications.instances, places.all, strict=True):
        home = inherited_home(places.files, places.users, one.who, instance)
        if home is None:
            continue
        readers = list(home_readers(applications, places.users, instance, home))
        if readers:
            yield finding(instance, home, readers)


def finding(instance: Instance, home: InheritedHome, readers: list[HomeReader]) -> Finding:
    """One httpd with every application that reads HOME."""
    scripts = [reader.application.script for reader in readers]
    running = instance.running.parent.pid if instance.running else None
    return Finding(
        subject=f"instance:{instance.name}",
        title=f"{scripts[0]} reads HOME, which is {home.value} and not the home of {home.user}",
        severity=Severity.medium,
        certainty=certainty(home, readers),
        detail=(
            f"HOME comes from {home.because}. The applications run as {home.user}, whose home is "
            f"{home.own}: ~ leads them astray."
        ),
        affected=tuple(reader.application.name for reader in readers),
        evidence={
            "HOME": home.value,
            "from": home.because,
            "user": home.user,
            "home": home.own,
            "reads": [text for reader in readers for text in reader.where][:MOST_SHOWN],
            "repeat": f"tr '\\0' '\\n' </proc/{running or 'PID'}/environ | grep ^HOME=; "
            f"getent passwd {home.user}",
        },
        remedy=(
            *(
                f'First thing in {script}: import os, pwd; os.environ["HOME"] = '
                "pwd.getpwuid(os.getuid()).pw_dir"
                for script in scripts[:MOST_SHOWN]
            ),
            *separation(instance, [(readers[0].application,)]),
            "Stop and start httpd.",
        ),
        identity=("HOME",),
    )


def certainty(home: InheritedHome, readers: list[HomeReader]) -> Certainty:
    """What runs is observed; what a start by hand would do is only possible."""
    if home.is_observed:
        return Certainty.observed
    if home.is_supposed:
        return Certainty.possible
    return Certainty.certain if any(one.is_sure for one in readers) else Certainty.likely
