"""A running httpd of small objects: what is on disk, and what its processes have mapped."""

from dataclasses import replace

from hostprobe.facts.process import HttpdProcess, MappedFile, Processes
from hostprobe.model.linkage import Linkage, RunningLinkages
from hostprobe.model.running.processes import running
from tests.model.linked_host import HTTPD, PYTHON, instance, thing
from tests.model.memory_files import MemoryFiles

DEVICE = 1
"""Of every file in memory."""

COMMAND = (HTTPD, "-k", "start")


def mapped(path, start=0x1000, *, inode=None, device=DEVICE, deleted=False, code=True):
    """The file that is at `path` now, or with another inode one that was there."""
    number = hash(path) if inode is None else inode
    return MappedFile(path, device, number, start, start + 0x1000, deleted, code)


def process(pid, files=(), *, parent=1, **changes):
    """A process of uid 0 that leads its session; without files it has mapped httpd alone."""
    usual = {
        "session": pid if parent == 1 else parent,
        "uid": 0,
        "started": 1.6e9 + pid,
        "program": HTTPD,
        "command": COMMAND,
        "environment": {} if parent == 1 else None,
        "files": tuple(files) or (mapped(HTTPD),),
    }
    return HttpdProcess(pid=pid, parent=parent, **(usual | changes))


def link(pid, file):
    return f"/proc/{pid}/map_files/{file.start:x}-{file.end:x}"


def live(objects, processes, modules=(), old=(), links=(), **changes):
    """The linkage of an httpd that runs; `old` are (pid, mapped file, object it maps)."""
    contents = {HTTPD: thing(), PYTHON: thing(["Py_Initialize"])} | objects
    contents |= {link(pid, file): elf for pid, file, elf in old}
    files = MemoryFiles(contents, links)
    planned = instance(modules, **changes)
    one = replace(planned, running=running(processes, ("shop", "blog")))
    return Linkage(files, one)


def linkages(*arguments, **changes):
    return RunningLinkages((live(*arguments, **changes),))


def processes(*found, problems=()):
    return Processes(tuple(found), problems)
