"""SELinux: its mode, labels of files and processes, states of booleans."""

import re

from hostprobe.facts.selinux import FileLabel, ProcessLabel, SelinuxBoolean, SelinuxMode
from hostprobe.parse.error import ParseError

LINE = re.compile(rb"^[ \t]*SELINUX=[ \t]*(\w+)", re.MULTILINE)
TYPE = re.compile(rb"^[ \t]*SELINUXTYPE=[ \t]*([\w.-]+)", re.MULTILINE)
CONTEXT = re.compile(r"[^\s:?&]+:[^\s:?&]+:[^\s:?&]+(:[^\s?&]+)?")
CONFINED = re.compile(r"(.*) \((\w+)\)", re.DOTALL)


def parse_selinux_mode(data: bytes) -> SelinuxMode:
    """`1` or `0` of the kernel, or the last SELINUX= of the file; libselinux ignores case."""
    modes = [mode.lower() for mode in LINE.findall(data)]
    types = TYPE.findall(data)
    return SelinuxMode(
        enforcing=data.strip() == b"1" or modes[-1:] == [b"enforcing"],
        policy=types[-1].decode("ascii", "replace") if types else "",
        disabled=modes[-1:] == [b"disabled"],
    )


def parse_file_label(data: bytes) -> FileLabel:
    """The attribute's value, with or without its NUL."""
    text = data.rstrip(b"\0\n").decode("utf-8", "surrogateescape")
    if not CONTEXT.fullmatch(text):
        raise ParseError("not a context")
    return FileLabel(text)


def parse_process_label(data: bytes) -> ProcessLabel:
    """`context` of SELinux, `profile (mode)` or `unconfined` of AppArmor."""
    text = data.rstrip(b"\0\n").decode("utf-8", "surrogateescape")
    if not text:
        raise ParseError("empty")
    confined = CONFINED.fullmatch(text)
    if confined:
        return ProcessLabel(confined[1], confined[2])
    return ProcessLabel(text, "unconfined" if text == "unconfined" else "")


def parse_selinux_boolean(data: bytes) -> SelinuxBoolean:
    """Its current and its pending state (selinuxfs)."""
    words = data.split()
    if len(words) != 2 or words[0] not in {b"0", b"1"}:
        raise ParseError("not the state of a boolean")
    return SelinuxBoolean(words[0] == b"1")
