"""The access model against this machine's kernel: the same question, asked as that user."""

import errno
import itertools
import json
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.files import Missing
from hostprobe.facts.memory import KernelNumber
from hostprobe.model.access import READ, SEARCH, WRITE, Access, Denial, Rule
from hostprobe.model.cure import cures
from hostprobe.model.users import Credentials, Users
from tests.oracle import kernel_access
from tests.oracle.kernel_access import become, told_by_kernel

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="acts as other users"),
]

UIDS, GIDS = (40_001, 40_002, 40_003), (50_001, 50_002, 50_003, 50_004)
MODES = (0o700, 0o711, 0o750, 0o751, 0o755, 0o770, 0o775, 0o777, 0o1777, 0o070, 0o007, 0o1770)
FILE_MODES = (0o600, 0o640, 0o644, 0o664, 0o666, 0o060, 0o006, 0o755, 0o711, 0o000, 0o460)
CAPABILITIES = (0, 0, 0, 0, 1 << 1, 1 << 2, 1 << 3, (1 << 1) | (1 << 3))
WANTS = (READ, WRITE, SEARCH, READ | SEARCH, WRITE | SEARCH)
ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
TREES, PEOPLE = 12, 8


def acl(chance):
    """A random ACL as the kernel takes it: sorted, with a mask where names are in it."""
    users = chance.sample(UIDS, chance.randint(0, 2))
    groups = chance.sample(GIDS, chance.randint(0, 2))
    bits = [chance.randint(0, 7) for _ in range(10)]
    entries = [(1, bits[0], 0xFFFFFFFF)]
    entries += [(2, bits[1 + n], uid) for n, uid in enumerate(sorted(users))]
    entries += [(4, bits[3], 0xFFFFFFFF)]
    entries += [(8, bits[4 + n], gid) for n, gid in enumerate(sorted(groups))]
    if users or groups or chance.random() < 0.5:
        entries.append((16, bits[6], 0xFFFFFFFF))
    entries.append((32, bits[7], 0xFFFFFFFF))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def grow(root, chance):
    """Directories, files and links with random owners, modes and ACLs; every path in it."""
    directories, paths = [root], [root]
    for number in range(14):
        place = chance.choice(directories) / f"n{number}"
        kind = chance.random()
        if kind < 0.45 or number < 3:
            place.mkdir()
            directories.append(place)
        elif kind < 0.75:
            place.touch()
        else:
            place.symlink_to(link_target(place, paths, chance))
        paths.append(place)
    for place in paths[1:]:
        dress(place, chance)
    return [*map(str, paths), *crooked(paths, chance)]


def link_target(place, paths, chance):
    to = chance.choice(paths)
    forms = (to, os.path.relpath(to, place.parent), f"../{place.parent.name}/{place.name}", "gone")
    return chance.choices(forms, (5, 5, 1, 1))[0]


def crooked(paths, chance):
    """Paths with `..` and paths that go on behind what is no directory."""
    for _ in range(5):
        one, other = chance.sample(paths, 2)
        yield f"{one}/{os.path.relpath(other, one)}"
        yield f"{one}/{other.name}"


def dress(place, chance):
    is_link = place.is_symlink()
    os.chown(place, chance.choice((0, *UIDS)), chance.choice((0, *GIDS)), follow_symlinks=False)
    if is_link:
        return
    place.chmod(chance.choice(MODES if place.is_dir() else FILE_MODES))
    if chance.random() < 0.4:
        os.setxattr(place, "system.posix_acl_access", acl(chance))


def people(chance):
    """Some with a group of their own, some with supplementary groups or capabilities."""
    for _ in range(PEOPLE):
        groups = frozenset(chance.sample(GIDS, chance.randint(0, 3)))
        uid, gid = chance.choice(UIDS), chance.choice(GIDS)
        yield Credentials(f"#{uid}", uid, gid, groups, chance.choice(CAPABILITIES))


def told_by_model(access, who, path, wants):
    found = access.denied(who, path, wants)
    if isinstance(found, Missing):
        assert found.not_found or "too many levels" in found.reason, found
        return "absent"
    return "denied" if isinstance(found, Denial) else "granted"


def word(number):
    if number in ABSENT:
        return "absent"
    assert number in (0, errno.EACCES), os.strerror(number)
    return "denied" if number else "granted"


@pytest.fixture
def root():
    directory = Path(tempfile.mkdtemp(prefix="hostprobe-access-", dir="/tmp"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.mark.parametrize("seed", range(TREES))
def test_the_model_says_what_the_kernel_says(root, seed):
    chance = random.Random(seed)
    questions = [*itertools.product(grow(root, chance), WANTS)]
    access = Access(LiveFiles())
    for who in people(chance):
        answers = told_by_kernel(who, questions)
        for (path, wants), number in zip(questions, answers, strict=True):
            assert told_by_model(access, who, path, wants) == word(number), (who, path, wants)


STICKY = (0o1777, 0o1777, 0o777, 0o1775, 0o1757)
KERNEL = ("linux.uml", "mem=128M", "rootfstype=hostfs", "rootflags=/", "rw", "quiet", "con=null")


INIT = """#!/bin/sh
mount -t proc none /proc
{0} {1} {2}/asked {2}/told
echo o >/proc/sysrq-trigger
sleep 9
"""


class ProtectingFiles(LiveFiles):
    """As if this kernel protected symbolic links."""

    def read(self, path, kind):
        return KernelNumber(1) if kind is KernelNumber else super().read(path, kind)


def link_farm(root, chance):
    """Directories as /tmp is and others, with chains of links of everybody."""
    folders = [root / f"d{number}" for number in range(8)]
    targets = []
    for folder in folders:
        folder.mkdir()
        folder.chmod(chance.choice(STICKY))
        os.chown(folder, chance.choice((0, *UIDS)), 0)
        (folder / "file").touch()
        targets += [folder, folder / "file", folder / "gone"]
    for number in range(60):
        link = chance.choice(folders) / f"l{number}"
        to = chance.choice(targets)
        link.symlink_to(chance.choice((to, os.path.relpath(to, link.parent), f"{to}/.")))
        os.chown(link, chance.choice((0, *UIDS)), 0, follow_symlinks=False)
        targets.append(link)
    ends = ("", "", "", "/.", "/file", "/..")
    return [f"{path}{chance.choice(ends)}" for path in targets]


@pytest.mark.parametrize("seed", range(2))
def test_links_in_sticky_directories_lead_where_a_protecting_kernel_lets_them(root, seed):
    chance = random.Random(2000 + seed)
    paths = link_farm(root, chance)
    questions = [*itertools.product(paths, (READ, SEARCH))]
    crowd = [*people(chance), Credentials("root", 0, 0, frozenset(), (1 << 40) - 1)]
    asked = [
        {"uid": one.uid, "gid": one.gid, "groups": [*one.groups], "capabilities": one.capabilities}
        for one in crowd
    ]
    (root / "asked").write_text(json.dumps({"people": asked, "paths": questions}))
    init = root / "init"
    init.write_text(INIT.format(sys.executable, kernel_access.__file__, root))
    init.chmod(0o755)
    subprocess.run(
        [*KERNEL, f"init={init}"], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    access, denied = Access(ProtectingFiles()), 0
    for who, answers in zip(crowd, json.loads((root / "told").read_text()), strict=True):
        for (path, wants), number in zip(questions, answers, strict=True):
            assert told_by_model(access, who, path, wants) == word(number), (who, path, wants)
            found = access.denied(who, path, wants)
            denied += isinstance(found, Denial) and found.rule is Rule.LINK
    assert denied > 100


def renamed(path, to):
    """The errno of a rename within the directory; it is undone."""
    try:
        Path(path).rename(to)
    except OSError as error:
        return error.errno
    Path(to).rename(path)
    return 0


def told_by_renaming(who, paths):
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            become(who)
            answers = [renamed(path, f"{path}.moved") for path in paths]
            os.write(writing, json.dumps(answers).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as stream:
        answers = json.loads(stream.read())
    os.waitpid(child, 0)
    return answers


@pytest.mark.parametrize("seed", range(TREES))
def test_who_may_replace_is_who_may_rename(root, seed):
    chance = random.Random(1000 + seed)
    paths = [path for path in grow(root, chance)[1:15] if os.path.lexists(path)]
    access = Access(LiveFiles())
    for who in people(chance):
        for path, number in zip(paths, told_by_renaming(who, paths), strict=True):
            found = access.replacement_denied(who, path)
            assert (found is None) == (number == 0), (who, path, found, number)


CURES = 12
"""More components than any path here has."""


def cure(who, path, wants):
    """Run the remedy of what stops first, until nothing does."""
    for _ in range(CURES):
        files = LiveFiles()
        found = Access(files).denied(who, path, wants)
        if not isinstance(found, Denial):
            return
        command = cures(files, Users(files)).of(found)
        subprocess.run(["sh", "-c", command], check=True)
    raise AssertionError(f"{path} stays closed to {who}: {found}")


@pytest.mark.parametrize("seed", range(TREES))
@pytest.mark.parametrize("wants", [READ, WRITE])
def test_what_the_remedies_open_is_open(root, seed, wants):
    chance = random.Random(2000 + seed)
    paths = [path for path in grow(root, chance)[1:15] if Path(path).exists()]
    for who in people(chance):
        path = chance.choice(paths)
        cure(who, path, wants)
        assert told_by_kernel(who, [(path, wants)]) == [0], (who, path)
