"""What of sudoers may leave the host."""

import re
from dataclasses import replace

from hostprobe.collect.redact_config import hide
from hostprobe.collect.secret import REDACTED
from hostprobe.facts.sudoers import Alias, CommandRule, Defaults, Member, Rule, Statement, Sudoers

SUDO_SETTINGS = frozenset({"env_check", "env_delete", "env_keep", "runas_default"})


def redact_sudoers(file: Sudoers, _used: frozenset[str]) -> Sudoers:
    """Of commands the arguments are left out but for httpd's, of settings what is not asked for."""
    unread = tuple((line, REDACTED) for line, _ in file.unread)
    return Sudoers(tuple(map(shown_statement, file.statements)), unread)


def shown_statement(one: Statement) -> Statement:
    """One statement of sudoers."""
    match one:
        case Defaults():
            kept = tuple(
                each if each.name in SUDO_SETTINGS else each._replace(value=hide(each.value))
                for each in one.settings
            )
            return replace(one, settings=kept)
        case Alias(kind="Cmnd_Alias"):
            return replace(one, members=tuple(map(shown_command, one.members)))
        case Rule():
            return replace(one, commands=tuple(map(shown_rule, one.commands)))
    return one


def shown_rule(one: CommandRule) -> CommandRule:
    """Who may run it stays."""
    return one._replace(command=shown_command(one.command))


def shown_command(one: Member) -> Member:
    """The program; its arguments where it starts httpd."""
    program, _, arguments = one.text.partition(" ")
    if not arguments or re.search("apache|httpd", program):
        return one
    return one._replace(text=f"{program} {REDACTED}")
