"""Check: an application depends on the working directory of its process, or moves it."""

import posixpath
from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Missing
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications
from hostprobe.model.relative_paths import Use, changes, is_there, relative_opens
from hostprobe.model.sharing.processes import SharedProcess, shared_processes
from hostprobe.model.sharing.separation import separation
from hostprobe.model.working_directory import WorkingDirectories, WorkingDirectory, Workplaces

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
)
MOST_SHOWN = 20


@check(Severity.medium, REFERENCES)
def working_directory_assumed(applications: Applications, places: Workplaces) -> Iterator[Finding]:
    """An application opens relative paths where its process does not work, or moves the process.

    Why it matters
    --------------
    A relative path starts from the working directory of the process, and that is not the
    directory of the script: httpd moves to / when it detaches, and keeps the directory of whoever
    started it in the foreground. A daemon process of mod_wsgi works in `home=`, else in the home
    of a `user=` that is not Apache's, else where httpd does. And the directory belongs to the
    whole process: an application that calls os.chdir moves every other application in it.

    Example
    -------
    `FileNotFoundError: [Errno 2] No such file or directory: 'data/prices.txt'` from
    open("data/prices.txt") in a script that works under `runserver`.

    Remedy
    ------
    Build paths from the script: `os.path.join(os.path.dirname(__file__), "data/prices.txt")`. In
    daemon mode `home=` in the WSGIDaemonProcess sets the directory. Instead of os.chdir use
    absolute paths, or give the application a process group of its own. Restart httpd. Afterwards
    `hostprobe scan --select working-directory-assumed` is silent.

    Not found by this check
    -----------------------
    Paths that are put together at run time or come from settings; what libraries open; files that
    no import of the application reaches. Whether a file lies below `home=` is not judged.

    References
    ----------
    mod_wsgi documentation, Application Issues (Application Working Directory); apr_proc_detach of
    APR; wsgi_setup_access in mod_wsgi.c.
    """
    for instance, one in zip(applications.instances, places.all, strict=True):
        yield from assumed(applications, places, instance, one)
        for process in shared_processes(instance):
            yield from moved(applications, process)


def assumed(
    applications: Applications, places: Workplaces, instance: Instance, one: WorkingDirectories
) -> Iterator[Finding]:
    """One finding for each script and process group whose directory does not fit."""
    judged = set()
    for application in instance.applications:
        place = one.of(application.process_group)
        key = (application.script, application.process_group)
        if isinstance(place, Missing) or place.is_option or key in judged:
            continue
        judged.add(key)
        uses = [
            use
            for use in relative_opens(applications, application)
            if not is_there(places.files, place.path, use.path)
        ]
        if uses:
            yield assumption(instance, application, place, uses)


def assumption(
    instance: Instance, application: Application, place: WorkingDirectory, uses: list[Use]
) -> Finding:
    """Certain where the path is opened whenever the script is loaded, and is not there."""
    first = uses[0]
    directory = place.path or "the directory of whoever starts httpd"
    is_certain = place.path is not None and any(use.is_sure for use in uses)
    sure = Certainty.certain if is_certain else Certainty.likely
    return Finding(
        subject=f"application:{application.script}",
        title=f"{application.script} takes {first.path} from its working directory, {directory}",
        severity=Severity.medium,
        certainty=Certainty.possible if place.path is None else sure,
        detail=f"The process works in {directory} ({place.because}); no {first.path} is there.",
        affected=same_script(instance, application),
        evidence={
            "directory": place.path,
            "decided_by": place.because,
            "opens": [f"{use.where}: {use.call}({use.path!r})" for use in uses[:MOST_SHOWN]],
            "repeat": f"ls -d {posixpath.join(place.path or '.', first.path)}",
        },
        remedy=tuple(ways_out(application, first)),
        identity=("relative",),
    )


def same_script(instance: Instance, application: Application) -> tuple[str, ...]:
    """Every mount of the script in the same process group."""
    return tuple(
        each.name
        for each in instance.applications
        if (each.script, each.process_group) == (application.script, application.process_group)
    )


def ways_out(application: Application, first: Use) -> Iterator[str]:
    """From the file itself, or by the daemon's option."""
    yield f'{first.where}: write os.path.join(os.path.dirname(__file__), "{first.path}")'
    if application.process_group:
        folder = posixpath.dirname(application.script)
        yield (
            f"Or add home={folder} to WSGIDaemonProcess {application.process_group}, if the path "
            "is meant from there."
        )
    yield "Restart httpd."


def moved(applications: Applications, process: SharedProcess) -> Iterator[Finding]:
    """One finding for each script that moves a process it shares."""
    judged = set()
    for application in process.applications:
        if application.script not in judged:
            judged.add(application.script)
            uses = list(changes(applications, application))
            if uses:
                yield removal(process, application, uses)


def removal(process: SharedProcess, application: Application, uses: list[Use]) -> Finding:
    """Certain where the call runs whenever the script is loaded."""
    others = tuple(one.name for one in process.applications if one.script != application.script)
    return Finding(
        subject=f"application:{application.script}/chdir",
        title=f"{application.script} moves the working directory of {process.title}",
        severity=Severity.medium,
        certainty=Certainty.certain if any(use.is_sure for use in uses) else Certainty.likely,
        detail=(
            f"os.chdir moves the whole process, with {len(others)} other applications in it: their "
            "relative paths change, and whoever is loaded last decides."
        ),
        affected=(application.name, *others),
        evidence={
            "process": process.title,
            "changes": [f"{use.where}: {use.call}({use.path})" for use in uses[:MOST_SHOWN]],
            "repeat": f"grep -n chdir {uses[0].where.rpartition(':')[0]}; ls -l /proc/PID/cwd",
        },
        remedy=(
            f"{uses[0].where}: instead of os.chdir build paths from os.path.dirname(__file__)",
            *separation(process.instance, [(application,)]),
            "Restart httpd.",
        ),
        identity=("chdir",),
    )
