"""What a daemon process is called (wsgi_setup_daemon_name in mod_wsgi.c)."""

from collections.abc import Iterator

from hostprobe.model.instance import Instance, ProcessGroup
from hostprobe.model.running.processes import RunningProcess


def process_title(group: ProcessGroup, program: str) -> str:
    """The first word of its command line: display-name, cut to the room that `program` left.

    mod_wsgi writes over argv[0] of httpd and fills the rest with blanks; "" without display-name.
    """
    written = group.options.get("display-name", "")
    title = f"(wsgi:{group.name})" if written == "%{GROUP}" else written
    return title.encode("utf-8", "surrogateescape")[: length(program)].decode("utf-8", "replace")


def length(text: str) -> int:
    """Bytes."""
    return len(text.encode("utf-8", "surrogateescape"))


def program_of(instance: Instance) -> str:
    """argv[0] of its parent process: as it runs, else as it would be started."""
    command = instance.running.parent.command if instance.running else ()
    return command[0] if command else instance.configuration.start.binary


def seen_titles(instance: Instance, group: ProcessGroup) -> Iterator[tuple[RunningProcess, str]]:
    """The running daemons of a group with what they are really called."""
    for process in instance.running.processes if instance.running else ():
        if process.group == group.name and process.facts.command:
            yield process, process.facts.command[0].rstrip(" ")
