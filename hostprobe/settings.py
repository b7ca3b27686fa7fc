"""The settings of this host: read from files that only the administrator writes.

Vendors' defaults first, then hostprobe.toml, then conf.d in the order of its names: a later file
changes single keys, and adds waivers.
"""

import os
from collections.abc import Iterator

from hostprobe.facts.settings import Settings
from hostprobe.parse.settings import parse_settings
from hostprobe.reading import read_file, reason

VENDOR = "/usr/lib/hostprobe/conf.d"
MAIN = "/etc/hostprobe/hostprobe.toml"
DROP_INS = "/etc/hostprobe/conf.d"
MAX_FILE = 1 << 20
"""Bytes."""


class SettingsError(Exception):
    """A file that cannot be read or says what it must not: one line, the file's name first."""


def read_settings(only: str | None = None) -> Settings:
    """What the files of this host say, or one file alone; SettingsError.

    Of the host's own files each may be missing, a file that was named may not.
    """
    settings = Settings()
    for path in files() if only is None else (only,):
        try:
            settings = parse_settings(read_file(path, MAX_FILE), settings)
        except FileNotFoundError as error:
            if path != MAIN or only is not None or os.path.islink(path):  # noqa: PTH114
                raise SettingsError(f"{path}: no such file or directory") from error
        except (OSError, ValueError) as error:
            raise SettingsError(f"{path}: {reason(error)}") from error
    return settings


def files() -> Iterator[str]:
    """All files in the order in which they are read; SettingsError for a closed directory."""
    yield from drop_ins(VENDOR)
    yield MAIN
    yield from drop_ins(DROP_INS)


def drop_ins(directory: str) -> list[str]:
    """The `*.toml` of a directory by name, without hidden ones, which editors leave behind."""
    try:
        names = os.listdir(directory)  # noqa: PTH208
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SettingsError(f"{directory}: {reason(error)}") from error
    chosen = sorted(name for name in names if name.endswith(".toml") and name[0] != ".")
    return [f"{directory}/{name}" for name in chosen]
