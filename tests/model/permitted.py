"""A host of files with owners, an httpd of www-data, and one application of user shop."""

from dataclasses import replace

from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Directive, Where
from hostprobe.model.instance import ProcessGroup, PythonTopology
from hostprobe.model.permissions import permissions
from hostprobe.model.users import Users
from tests.model.linked_host import CONFIG, environment, instance
from tests.model.owned_files import OwnedFiles

SCRIPT = "/srv/shop.wsgi"
PASSWD = """root:x:0:0::/root:/bin/sh
www-data:x:33:33::/var/www:/bin/sh
shop:x:1000:1000::/home/shop:/bin/sh
anna:x:1001:1001::/home/anna:/bin/sh
"""
GROUP = "root:x:0:\nwww-data:x:33:\nshop:x:1000:\nanna:x:1001:\nstaff:x:50:anna\n"
USERS = {"/etc/passwd": PASSWD, "/etc/group": GROUP}
USUAL = (("User", "www-data"), ("Group", "www-data"))


def group(name, user="www-data", gid_name="www-data", **options):
    """A WSGIDaemonProcess; `options` are those of the directive beside user and group."""
    said = {"user": user, "group": gid_name} | options
    return ProcessGroup(name, user, gid_name, 1, 15, said, Where(CONFIG, 5, 5), "")


def directives(*pairs):
    return tuple(
        Directive(name, raw, Where(CONFIG, line, line)) for line, (name, raw) in enumerate(pairs, 1)
    )


def one_instance(*applications, said=USUAL, groups=(), start_user="root", **changes):
    """`applications` are the fields in which each differs from /srv/shop.wsgi in embedded mode."""
    python = changes.pop("environment", None) or environment(**changes.pop("python", {}))
    base = instance(extensions=(), environment=python)
    (application,) = base.applications
    configuration = replace(
        base.configuration,
        directives=directives(*said),
        start=replace(base.configuration.start, user=start_user),
    )
    fields = {
        "configuration": configuration,
        "process_groups": tuple(groups),
        "applications": tuple(replace(application, **each) for each in applications or ({},)),
    }
    return replace(base, **(fields | changes))


def permitted(one, contents=(), owners=(), links=(), *, acls=(), setfacl=True):
    """The permissions of a host with these files; the script is there by itself."""
    tools = {"/usr/bin/setfacl": ""} if setfacl else {}
    files = OwnedFiles(USERS | tools | {SCRIPT: ""} | dict(contents), owners, links, acls=acls)
    return permissions(files, Users(files), PythonTopology((one,)), is_live=False)


def unreadable(path):
    return Missing(f"{path}: input/output error")
