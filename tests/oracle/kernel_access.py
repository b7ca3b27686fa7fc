"""What a kernel grants: asked in processes that are somebody else.

Run in a kernel of its own with two files, questions in and answers out (JSON): it may be told to
protect symbolic links, which is a setting of the whole machine.
"""

import ctypes
import errno
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

libc = ctypes.CDLL(None, use_errno=True)
PROTECTED_SYMLINKS = Path("/proc/sys/fs/protected_symlinks")
READ, WRITE = 4, 2


def become(who):
    """What mod_wsgi and httpd do, and capabilities as a service manager leaves them."""
    os.setgroups(sorted(who.groups))
    os.setresgid(who.gid, who.gid, who.gid)
    assert libc.prctl(8, 1, 0, 0, 0) == 0  # PR_SET_KEEPCAPS
    os.setresuid(who.uid, who.uid, who.uid)
    low, high = who.capabilities & 0xFFFFFFFF, who.capabilities >> 32
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    assert libc.capset(header, data) == 0


def told_by_kernel(who, questions):
    """The errno of each question, 0 for none, answered in a process that is `who`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(who)
            answers = [ask(*question) for question in questions]
            with os.fdopen(writing, "w") as stream:
                json.dump(answers, stream)
            os._exit(0)
        except BaseException as error:  # noqa: BLE001 (the child ends here, whatever happens)
            os.write(2, f"{error!r}\n".encode())
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as stream:
        text = stream.read()
    assert os.waitpid(child, 0)[1] == 0
    return json.loads(text)


def ask(path, wants):
    """access(2) with the effective identity; open(2) has to agree where it can be asked."""
    libc.faccessat.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_int)
    failed = libc.faccessat(-100, os.fsencode(path), wants, 0x200)  # AT_FDCWD, AT_EACCESS
    number = ctypes.get_errno() if failed else 0
    if wants in (READ, WRITE):
        opened = opening(path, os.O_RDONLY if wants == READ else os.O_WRONLY)
        if opened != errno.EISDIR:
            assert opened == number, (path, wants, opened, number)
    return number


def opening(path, flags):
    try:
        os.close(os.open(path, flags))
    except OSError as error:
        return error.errno
    return 0


def main(questions, answers):
    """Ask for each of the people, then switch the machine off."""
    PROTECTED_SYMLINKS.write_text("1")
    asked = json.loads(Path(questions).read_text())
    told = [told_by_kernel(SimpleNamespace(**who), asked["paths"]) for who in asked["people"]]
    Path(answers).write_text(json.dumps(told))
    libc.reboot(0x4321FEDC)  # RB_POWER_OFF


if __name__ == "__main__":
    main(*sys.argv[1:])
