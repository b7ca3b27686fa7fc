"""Check: an application is sent to a daemon process group that it cannot have."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.httpd import Where
from hostprobe.model.instance import Instance, PythonTopology
from hostprobe.model.process_groups import DUPLICATE, EARLY, FOREIGN, Lack, find_lacks

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIDaemonProcess.html",
    "https://modwsgi.readthedocs.io/en/latest/configuration-directives/WSGIProcessGroup.html",
)


@check(Severity.critical, REFERENCES)
def wsgi_group_undefined(topology: PythonTopology) -> Iterator[Finding]:
    """An application is sent to a process group that does not exist for it.

    Why it matters
    --------------
    A process group is one WSGIDaemonProcess, found by its exact name. Defined in a virtual host it
    serves only virtual hosts of an equal ServerName; defined in the main server it serves all.
    Where it cannot be had every request of the application is answered with 500. Where it is asked
    for while httpd reads its configuration (WSGIImportScript, or a WSGIScriptAlias that names both
    process-group and application-group) httpd does not even start.

    Example
    -------
    `No WSGI daemon process called 'shop' has been configured`, `Daemon process called 'shop' cannot
    be accessed by this WSGI application`; at the start `WSGI process group not yet configured.` or
    `Name duplicates previous WSGI daemon definition.`

    Remedy
    ------
    Define the group once, above everything that asks for it: in the main server, or in a virtual
    host of the same ServerName. Reload httpd. Afterwards `hostprobe scan --select
    wsgi-group-undefined` is silent.

    Not found by this check
    -----------------------
    Groups that only a request decides (`%{ENV:...}`, a dispatch script); groups that
    WSGIRestrictProcess forbids; virtual hosts for one address without ServerName, whose name a
    reverse lookup tells.

    References
    ----------
    mod_wsgi.c (wsgi_add_daemon_process, wsgi_add_import_script, wsgi_add_script_alias,
    wsgi_execute_remote); mod_wsgi documentation, WSGIDaemonProcess and WSGIProcessGroup.
    """
    for instance in topology.instances:
        for lack in find_lacks(instance):
            yield finding(instance, lack)


def finding(instance: Instance, lack: Lack) -> Finding:
    """One group and one fault, with every application that it stops."""
    harm = "httpd does not start" if lack.is_refused else "every request is answered with 500"
    names = tuple(one.name for one in lack.applications)
    files = " ".join(dict.fromkeys(where.file for where in (*lack.asking, *places(lack))))
    return Finding(
        subject=f"process-group:{lack.group}",
        title=f"{title(lack)}: {harm}",
        severity=Severity.critical,
        certainty=Certainty.certain,
        detail=DETAILS[lack.kind],
        affected=(instance.name,) if lack.is_refused else names,
        evidence={
            "process_group": lack.group,
            "asked_for_at": [str(where) for where in lack.asking],
            "defined_at": str(lack.defined) if lack.defined else None,
            "applications": list(names) if lack.is_refused else [],
            "groups": [group.name for group in instance.process_groups],
            "problems": [str(one) for one in instance.problems if one.where in lack.asking],
            "repeat": f"grep -niE 'WSGI|ServerName|VirtualHost' {files}",
        },
        remedy=(*remedy(lack), "Reload httpd."),
        identity=(lack.kind,),
        stops=lack.is_refused,
    )


def places(lack: Lack) -> tuple[Where, ...]:
    """Where it is defined."""
    return (lack.defined,) if lack.defined else ()


def title(lack: Lack) -> str:
    """What is wrong with the group."""
    return {
        DUPLICATE: f"The process group {lack.group} is defined more than once",
        EARLY: f"The process group {lack.group} is asked for before it is defined",
        FOREIGN: f"The process group {lack.group} belongs to a virtual host of another ServerName",
    }.get(lack.kind, f"No WSGIDaemonProcess defines the process group {lack.group}")


DETAILS = {
    DUPLICATE: "Names of process groups are unique in the whole configuration, whichever virtual "
    "host defines them: 'Name duplicates previous WSGI daemon definition.'",
    EARLY: "WSGIImportScript, and an alias with both process-group and application-group, look for "
    "the group while the configuration is read: 'WSGI process group not yet configured.'",
    FOREIGN: "A group of a virtual host serves only virtual hosts whose ServerName is equal, "
    "letter by letter; a ServerName below the line that asks for the group does not count yet.",
}
DETAILS |= {"undefined": "Names are compared letter by letter with those of all WSGIDaemonProcess."}


def remedy(lack: Lack) -> tuple[str]:
    """The line to add, move or rename."""
    asking = lack.asking[0]
    text = (
        f"Add `WSGIDaemonProcess {quoted(lack.group)}` above {asking}, outside of virtual hosts "
        "or in the same one, or name an existing group there."
    )
    if lack.kind == DUPLICATE:
        text = f"Remove or rename the WSGIDaemonProcess at {asking}; the first is {lack.defined}."
    elif lack.kind == EARLY:
        text = f"Move the WSGIDaemonProcess of {lack.defined} above {asking}."
    elif lack.kind == FOREIGN:
        text = (
            f"Move the WSGIDaemonProcess of {lack.defined} out of its <VirtualHost>, above all of "
            f"them, or define a group of another name in the virtual host of {asking}."
        )
    return (text,)


def quoted(name: str) -> str:
    """The name as a word of a directive."""
    return f'"{name}"' if not name or any(char.isspace() for char in name) else name
