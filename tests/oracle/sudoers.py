"""cvtsudoers of Debian's sudo on a file, and hostprobe's reading of it in the same form."""

import json
import subprocess

from hostprobe.facts.sudoers import Alias, Defaults, Rule

CVTSUDOERS = "/usr/bin/cvtsudoers"
LISTS = {"env_keep", "env_check", "env_delete"}
OPERATIONS = {"=": "list_assign", "+=": "list_add", "-=": "list_remove"}
ALIASES = {
    "User_Alias": "User_Aliases",
    "Host_Alias": "Host_Aliases",
    "Runas_Alias": "Runas_Aliases",
    "Cmnd_Alias": "Command_Aliases",
}
BINDINGS = {"": "", "@": "host", ":": "user", ">": "user", "!": "command"}


def as_sudo_reads(path):
    """The policy as data; None where sudo refuses a line of it."""
    command = [CVTSUDOERS, "-c", "/dev/null", "-f", "json", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return None if done.returncode or done.stderr else canonical(json.loads(done.stdout or "{}"))


def canonical(data):
    """One row for each Defaults parameter and for each command of a rule."""
    settings = [
        (members(entry.get("Binding", [])), *option)
        for entry in data.get("Defaults", [])
        for option in options(entry["Options"])
    ]
    aliases = {
        kind: {name: members(found) for name, found in data.get(kind, {}).items()}
        for kind in ALIASES.values()
    }
    rules = [
        (
            members(spec["User_List"]),
            members(spec["Host_List"]),
            members(one.get("runasusers", [])),
            [(name.removeprefix("%"), no) for name, no in members(one.get("runasgroups", []))],
            member(command),
        )
        for spec in data.get("User_Specs", [])
        for one in spec["Cmnd_Specs"]
        for command in one["Commands"]
    ]
    return {"settings": settings, "aliases": aliases, "rules": rules}


def options(entries):
    for entry in entries:
        operation = entry.get("operation")
        [(name, value)] = ((key, each) for key, each in entry.items() if key != "operation")
        if operation or isinstance(value, list):
            yield name, operation or "list_assign", tuple(map(str, value))
        elif isinstance(value, bool):
            yield name, value, ()
        else:
            yield name, "set", (str(value),)


def members(entries):
    """() stands for a user without a name."""
    return [member(entry) for entry in entries if entry != {"username": ""}]


PREFIXES = {
    "userid": "#",
    "usergroup": "%",
    "usergid": "%#",
    "netgroup": "+",
    "nonunixgroup": "%:",
    "nonunixgid": "%:#",
}


def member(entry):
    entry = dict(entry)
    is_negated = entry.pop("negated", False)
    entry.pop("sha224", None)
    [(kind, value)] = entry.items()
    return f"{PREFIXES.get(kind, '')}{value}", is_negated


def as_hostprobe_reads(statements):
    """The same of our statements."""
    settings, rules = [], []
    aliases = {kind: {} for kind in ALIASES.values()}
    for one in statements:
        if isinstance(one, Defaults):
            settings += [(ours(one.members), *setting(each)) for each in one.settings]
        elif isinstance(one, Alias):
            aliases[ALIASES[one.kind]][one.name] = ours(one.members)
        elif isinstance(one, Rule):
            rules += [
                (
                    ours(one.users),
                    ours(one.hosts),
                    ours(each.runas_users or ()),
                    ours(each.runas_groups or ()),
                    tuple(each.command),
                )
                for each in one.commands
            ]
    return {"settings": settings, "aliases": aliases, "rules": rules}


def setting(one):
    if one.name in LISTS and one.operator in OPERATIONS:
        return one.name, OPERATIONS[one.operator], tuple(one.value.split())
    if one.operator == "=":
        return one.name, "set", (one.value,)
    return one.name, one.operator == "", ()


def ours(found):
    return [tuple(each) for each in found]
