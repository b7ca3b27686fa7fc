"""A virtual environment of /usr/bin/python3 with about 30 compiled packages, kept between runs."""

import fcntl
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
PINNED = Path(__file__).parent / "wheels.txt"
VENV = ROOT / ".cache" / "wheels"


def wheels_venv():
    """Root of the environment; made again only when the pinned list has changed.

    Safe to call from several test runs at once; needs the package index the first time.
    """
    VENV.parent.mkdir(exist_ok=True)
    with VENV.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_current():
            create()
    return VENV


def is_current():
    stamp = VENV / "installed.txt"
    return stamp.exists() and stamp.read_text() == PINNED.read_text()


def create():
    pip = [VENV / "bin/python", "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", VENV], check=True)
    subprocess.run([*pip, "--only-binary", ":all:", "-r", PINNED], check=True)
    (VENV / "installed.txt").write_text(PINNED.read_text())
