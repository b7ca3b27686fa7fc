"""The settings that hold for a command: `--settings FILE`, or those of this host."""

from argparse import Namespace

from hostprobe.cli.errors import UsageError
from hostprobe.facts.settings import Settings
from hostprobe.settings import SettingsError, read_settings


def settings_of(options: Namespace) -> Settings:
    """UsageError where a file is wrong. This host's files say nothing about another host."""
    if options.settings is None and is_of_another_host(options):
        return Settings()
    try:
        return read_settings(options.settings)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def is_of_another_host(options: Namespace) -> bool:
    """A root that was mounted or copied, or a snapshot."""
    return getattr(options, "root", "/") != "/" or getattr(options, "snapshot", None) is not None
