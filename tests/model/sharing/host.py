"""A host whose applications share processes: a configuration text and scripts, in memory."""

from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.instance import PythonTopology
from hostprobe.model.python.doing import Applications
from hostprobe.model.topology import build_topology
from tests.model.memory_files import MemoryFiles
from tests.model.test_topology import HOST, LOAD

OS = "import os, time, locale\n"


def applications(text, scripts, contents=(), *, version="2.4.71", environment=()):
    """`text` is the configuration, `scripts` maps a name to what /srv/NAME/NAME.wsgi does.

    Without a WSGIScriptAlias each script is mounted at its own name. Scripts begin with OS.
    """
    files = {f"/srv/{name}/{name}.wsgi": OS + body for name, body in scripts.items()}
    if "WSGIScriptAlias" not in text:
        text += "\n" + "\n".join(mount(name) for name in scripts)
    host = HOST | files | dict(contents) | {"/c": f"{LOAD}ServerName h\n{text}"}
    memory = MemoryFiles(host)
    start = HttpdStart("/httpd", "/c", "/", environment=dict(environment))
    build = HttpdBuild(version, "/", "/c", ())
    topology = build_topology(memory, (evaluate(memory, start, build),), (build,))
    return Applications(memory, PythonTopology(topology.instances))


def mount(name, *options):
    """One alias."""
    return " ".join([f"WSGIScriptAlias /{name} /srv/{name}/{name}.wsgi", *options])


def daemons(*names):
    """A process group for each name, with its script."""
    groups = [f"WSGIDaemonProcess {name}" for name in names]
    return "\n".join([*groups, *(mount(name, f"process-group={name}") for name in names)])


def findings(check, text, scripts, contents=(), **options):
    """What a check finds on that host."""
    return list(check.body(applications(text, scripts, contents, **options)))
