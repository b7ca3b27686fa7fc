"""glibc as the judge: run a program under LD_DEBUG and read what its loader says it did.

What is not a relocation's look-up is left out: dlsym(3) and IFUNC resolvers log bindings too, but
outside the "relocation processing" of the object that asks; rtld looks up the malloc family for
the main program before it relocates itself.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

ENVIRONMENT = {"LD_DEBUG": "files,bindings,reloc,scopes", "LD_BIND_NOW": "1"}
BINDING = re.compile(
    r"binding file (.*) \[0\] to (.*) \[0\]: (?:normal|protected) symbol `(.*)'(?: \[(.*)\])?$"
)
ASKED = re.compile(r"file=(.*) \[0\];  dynamically loaded by (.*) \[0\]$")
NEEDED = re.compile(r"file=.* \[0\];  needed by (.*) \[0\]$")
MAPPED = re.compile(r"file=(.*) \[0\];  generating link map$")
DESTROYED = re.compile(r"file=(.*) \[0\];  destroying link map$")
ADDED = re.compile(r"add (.*) \[0\] to global scope$")
OPENED = re.compile(r"opening file=(.*) \[0\]; direct_opencount=(\d+)$")
RELOCATED = re.compile(r"relocation processing: (.*?)(?: \(lazy\))?$")
STAYS_OPEN = ("binding file", "marking ", "activating ")
VDSO = "linux-vdso.so.1"
RTLD_MALLOC = ["calloc", "free", "malloc", "realloc"]


@dataclass
class Record:
    """What the loader of one process reports; names as it spells them, the program's as `main`."""

    history: list = field(default_factory=list)
    """("relocate" | "add-global" | "unmap" | "ask" | "open", name) in order: a dlopen that maps
    something asks first and is open when everything is done."""

    bindings: dict = field(default_factory=dict)
    """Name of an object alive -> [(symbol, version, provider)] of its last relocation."""

    relocations: list = field(default_factory=list)
    """(name, its rows) of every relocation in order, also of objects that are gone."""

    callers: dict = field(default_factory=dict)
    """Name passed to dlopen -> the object that called it, at its first call."""

    mapped: list = field(default_factory=list)
    """(file name without directory, who asked for it) of the objects alive, in load order; the
    program and its interpreter, which the kernel maps, are not among them."""

    torn: int = 0
    """Lines that another process wrote into."""


def parse(log, main):
    """Read the log of one process."""
    reader = Reader(main)
    for line in log.splitlines():
        _, colon, text = line.partition(":\t")
        if colon:
            reader.line(text.strip())
    reader.forget_rtld_malloc()
    return reader.record


class Reader:
    """Line by line; the object whose relocation is going on is `asker`."""

    def __init__(self, main):
        self.record, self.main, self.asker, self.last_asked = Record(), main, None, ""
        self.requester = None

    def name(self, text):
        """A program that changed its argv[0] is logged by the new text."""
        return text if text.startswith("/") or text == VDSO else self.main

    def asked(self, path):
        """The name that dlopen was given for what it opened: perhaps without a slash."""
        return self.last_asked if path.endswith(f"/{self.last_asked}") else path

    def line(self, text):
        if not text:
            return
        if text.startswith("binding file"):
            self.binding(text)
        elif not text.startswith(STAYS_OPEN) and "(relocation dependency)" not in text:
            self.asker = None
            self.event(text)

    def binding(self, text):
        found = BINDING.match(text)
        if not found:
            self.record.torn += 1
        elif self.asker is not None and self.name(found[1]) == self.asker:
            row = (found[3], found[4], self.name(found[2]))
            self.record.bindings[self.asker].append(row)

    def event(self, text):
        history = self.record.history
        if found := RELOCATED.match(text):
            self.asker = self.name(found[1])
            rows = self.record.bindings[self.asker] = []
            self.record.relocations.append((self.asker, rows))
            history.append(("relocate", self.asker))
        elif found := ADDED.match(text):
            history.append(("add-global", self.name(found[1])))
        elif found := OPENED.match(text):
            history.append(("open", self.asked(self.name(found[1]))))
        elif found := DESTROYED.match(text):
            history.append(("unmap", found[1]))
            self.record.bindings.pop(found[1], None)
            self.unmap(file_name(found[1]))
        elif found := ASKED.match(text):
            self.record.callers.setdefault(found[1], self.name(found[2]))
            self.last_asked, self.requester = found[1], self.name(found[2])
            history.append(("ask", found[1]))
        elif found := NEEDED.match(text):
            self.requester = self.name(found[1])
        elif found := MAPPED.match(text):
            self.record.mapped.append((file_name(found[1]), self.requester))

    def unmap(self, name):
        """The younger one, where two directories have a file of that name."""
        mapped = self.record.mapped
        del mapped[max(number for number, row in enumerate(mapped) if row[0] == name)]

    def forget_rtld_malloc(self):
        rows = self.record.bindings.get(self.main, [])
        if [row[0] for row in rows[-4:]] == RTLD_MALLOC:
            del rows[-4:]


def file_name(path):
    return path.rpartition("/")[2]


def run(command, directory: Path, *, environment=None, check=True, **options):
    """Run to its end and return (Record of that very process, its result)."""
    output = directory / "ld_debug"
    variables = {"PATH": os.environ["PATH"], **(environment or {}), **ENVIRONMENT}
    process = subprocess.Popen(
        [str(word) for word in command],
        env={**variables, "LD_DEBUG_OUTPUT": str(output)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    out, err = process.communicate(timeout=120)
    result = subprocess.CompletedProcess(command, process.returncode, out, err)
    if check:
        result.check_returncode()
    return read(output, process.pid, str(command[0])), result


def read(output: Path, pid, main, *forks):
    """The record of one process of a run.

    `forks`: pids of its child, of the child's child ...: the record of the last of them, whose
    life began as theirs. Forks write into the log of the process that was started.
    """
    log = Path(f"{output}.{pid}").read_text("utf-8", "surrogateescape")
    if not forks:
        return parse(log, main)
    own = {str(number) for number in (pid, *forks)}
    lines = (line for line in log.splitlines() if line.partition(":")[0].strip() in own)
    return parse("\n".join(lines), main)
