"""A host with users, a configuration text and scripts: what they do, and where they work."""

from dataclasses import replace
from io import BytesIO
from zipfile import ZipFile

from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.instance import PythonTopology
from hostprobe.model.python.doing import Applications
from hostprobe.model.topology import build_topology
from hostprobe.model.working_directory import Workplaces
from tests.model.owned_files import OwnedFiles
from tests.model.sharing.host import OS, mount
from tests.model.test_topology import HOST, LOAD
from tests.model.working_hosts import GROUP, OWNERS, PASSWD

USERS = "User www-data\nGroup www-data\n"


def models(scripts, text="", contents=(), *, running=None, owners=(), **start):
    """`scripts`: name -> what it does; `start`: fields of HttpdStart; `running`: its processes."""
    files = {f"/srv/{name}/{name}.wsgi": OS + source for name, source in scripts.items()}
    if "WSGIScriptAlias" not in text:
        text += "\n" + "\n".join(mount(name) for name in scripts)
    config = f"{LOAD}ServerName h\n{USERS}{text}"
    users = {"/etc/passwd": PASSWD, "/etc/group": GROUP}
    host = HOST | files | users | {"/c": config} | dict(contents)
    memory = OwnedFiles(host, OWNERS | dict(owners))
    begun = HttpdStart("/httpd", "/c", "/", **({"environment": {}} | start))
    build = HttpdBuild("2.4.71", "/", "/c", ())
    topology = build_topology(memory, (evaluate(memory, begun, build),), (build,))
    instances = tuple(replace(one, running=running) for one in topology.instances)
    python = PythonTopology(instances)
    return Applications(memory, python), Workplaces(memory, python)


def egg(**members):
    """A zipped egg; a member `a__b_dot_py` is a/b.py."""
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), text)
    return stream.getvalue()
