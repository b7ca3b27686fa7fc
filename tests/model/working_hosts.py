"""An httpd whose daemons work somewhere: users, directories, process groups, processes."""

from dataclasses import replace

from hostprobe.facts.httpd import Directive, Where
from hostprobe.model.instance import ProcessGroup, Topology
from hostprobe.model.running.processes import Role, Running, RunningProcess
from hostprobe.model.working_directory import Workplaces
from tests.model.linked_host import CONFIG, instance
from tests.model.owned_files import OwnedFiles
from tests.model.running.builder import process

PASSWD = """root:x:0:0::/root:/bin/sh
www-data:x:33:33::/var/www:/bin/sh
shop:x:1000:1000::/home/shop:/bin/sh
ghost:x:998:998::/nonexistent:/bin/sh
blank:x:997:997:::/bin/sh
twin:x:33:33::/home/twin:/bin/sh
"""
GROUP = "root:x:0:\nwww-data:x:33:\nshop:x:1000:\nghost:x:998:\nblank:x:997:\n"
OWNERS = {
    "/home/shop": (0o700, 1000, 1000),
    "/root": (0o700, 0, 0),
    "/root/open": (0o755, 0, 0),
    "/var/www": (0o755, 0, 0),
    "/srv/closed": (0o750, 0, 0),
    "/srv/shared": (0o750, 0, 1000),
}
LINKS = {"/srv/link": "/root/open"}


def group(name="shop", user=None, **options):
    """A WSGIDaemonProcess; `user` is its user=."""
    if user:
        options["user"] = user
    own = options.get("group", "www-data")
    return ProcessGroup(name, user or "www-data", own, 1, 15, options, Where(CONFIG, 5, 5), "")


def said(name, value):
    return Directive(name, value, Where(CONFIG, 1, 1))


def host(*groups, defines=(), directory=None, start_user="root", member="shop", directories=None):
    """One instance; `directories`: role or process group -> where that process stands."""
    one = instance()
    start = replace(
        one.configuration.start, defines=tuple(defines), directory=directory, user=start_user
    )
    directives = (said("User", "www-data"), said("Group", "www-data"))
    return replace(
        one,
        configuration=replace(one.configuration, start=start, directives=directives),
        process_groups=groups,
        applications=(replace(one.applications[0], process_group=member),),
        running=running(directories) if directories else None,
    )


def running(directories):
    processes = [RunningProcess(process(7, directory=directories.get("parent")), Role.PARENT)]
    for number, (name, path) in enumerate(directories.items(), start=8):
        facts = process(number, parent=7, directory=path)
        if name.startswith("child"):
            processes.append(RunningProcess(facts, Role.CHILD))
        elif name != "parent":
            processes.append(RunningProcess(facts, Role.DAEMON, name))
    return Running(tuple(processes))


def files(contents=()):
    texts = {"/etc/passwd": PASSWD, "/etc/group": GROUP, "/srv/shop.wsgi": ""}
    return OwnedFiles(texts | dict(contents), OWNERS, LINKS)


def workplaces(*instances, contents=()):
    return Workplaces(files(contents), Topology(instances))
