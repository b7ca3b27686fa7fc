"""The HOME that the children of an httpd inherit from its start, and who reads it.

systemd gives HOME to units with User= or SetLoginEnvironment= (systemd.exec(5)), Debian's envvars
take it away, a start by hand hands on the caller's. Daemons of mod_wsgi set it themselves.
"""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Call
from hostprobe.facts.files import Files, Missing
from hostprobe.facts.httpd import HttpdStart
from hostprobe.facts.python import Import, PythonSource
from hostprobe.facts.systemd import UnitFile
from hostprobe.model.httpd.environment import find_unit, settings
from hostprobe.model.identity import Identities
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.own_module import Reached
from hostprobe.model.sudo.starts import envvars_of, unit_of, unsets_home
from hostprobe.model.users import Users

HOME = "HOME"
TRUE = frozenset({"1", "yes", "y", "true", "t", "on"})
LIBRARIES = {
    "astropy": "XDG_CONFIG_HOME",
    "huggingface_hub": "HF_HOME",
    "keras": "KERAS_HOME",
    "matplotlib": "MPLCONFIGDIR",
    "nltk": "NLTK_DATA",
    "tensorflow": "KERAS_HOME",
    "theano": "THEANO_FLAGS",
}
"""Libraries that look into the home directory when imported -> the variable that stops them."""


@dataclass(frozen=True, slots=True)
class InheritedHome:
    """HOME in the children of one httpd, which is not the home of their user."""

    value: str
    because: str
    """Where it comes from, in words."""

    user: str
    own: str
    """The home of that user in passwd."""

    is_observed: bool = False
    is_supposed: bool = False
    """Whoever starts httpd by hand decides; root is supposed."""


@dataclass(frozen=True, slots=True)
class HomeReader:
    """One application that asks for its home directory."""

    application: Application
    where: tuple[str, ...]
    """File, line and what is called or imported."""

    is_sure: bool
    """One of them runs whenever the application is loaded."""


def inherited_home(
    files: Files, users: Users, who: Identities, instance: Instance
) -> InheritedHome | None:
    """None: there is no HOME, it is right, or the children's user is not known."""
    if isinstance(who.child, Missing):
        return None
    account = users.account_of_uid(who.child.uid)
    found = present(files, users, instance)
    if isinstance(account, Missing) or found is None:
        return None
    value, because = found
    if posixpath.normpath(value) == posixpath.normpath(account.home):
        return None
    return InheritedHome(
        value,
        because,
        account.name,
        account.home,
        is_observed=instance.running is not None,
        is_supposed=because == BY_HAND,
    )


BY_HAND = "no unit starts this httpd, so it has the HOME of whoever starts it"


def present(files: Files, users: Users, instance: Instance) -> tuple[str, str] | None:
    """The value, and where it comes from; a running httpd tells it itself."""
    start = instance.configuration.start
    if instance.running is not None:
        parent = instance.running.parent
        environment = parent.environment or {}
        return (environment[HOME], f"/proc/{parent.pid}/environ") if HOME in environment else None
    if start.environment and HOME in start.environment:
        return start.environment[HOME], f"the environment that {start.origin} starts httpd with"
    if unsets_home(files, envvars_of(start)) or start.origin == "--config":
        return None
    unit = unit_of(files, start)
    if unit is None:
        return by_hand(users, start)
    name = user_of_home(find_unit(files, unit))
    account = users.account(name) if name else Missing("systemd gives no HOME")
    return None if isinstance(account, Missing) else (account.home, f"{unit}, for User={name}")


def by_hand(users: Users, start: HttpdStart) -> tuple[str, str] | None:
    """Root's, as only root can start an httpd that changes its user."""
    account = users.account(start.user)
    return None if isinstance(account, Missing) else (account.home, BY_HAND)


def user_of_home(unit: tuple[UnitFile, ...]) -> str | None:
    """Whose HOME systemd sets; None: none, as without User=."""
    named, asked = settings(unit, "User"), settings(unit, "SetLoginEnvironment")
    if named:
        return named[-1]
    return "root" if asked and asked[-1].lower() in TRUE else None


def home_readers(applications: Applications, instance: Instance) -> Iterator[HomeReader]:
    """Embedded applications that read HOME before they set it themselves."""
    judged = set()
    variables = frozenset(instance.configuration.start.environment or {})
    for application in instance.applications:
        if application.process_group == "" and application.script not in judged:
            judged.add(application.script)
            found = list(reads(applications, application, variables))
            if found:
                where = tuple(dict.fromkeys(text for text, _ in found))
                yield HomeReader(application, where, any(is_sure for _, is_sure in found))


def reads(
    applications: Applications, application: Application, variables: frozenset[str]
) -> Iterator[tuple[str, bool]]:
    """(where and what, it runs at every start); after the place that sets HOME nothing counts."""
    mended = min(mendings(applications, application), default=None)
    known = set(variables)
    for doing in applications.doing(application):
        if doing.module.reached is Reached.BESIDE:
            continue
        source = applications.files.read(doing.path, PythonSource)
        imports = () if isinstance(source, Missing) else source.imports
        known |= {one.variable for one in doing.acts.environment if one.variable}
        for line, what, is_at_import in (*asked(doing), *libraries(imports, known)):
            is_before = is_at_import and mended and doing.path == mended[1] and line < mended[0]
            if mended is None or is_before:
                yield f"{doing.path}:{line}: {what}", is_at_import and doing.module.runs_at_start


def mendings(applications: Applications, application: Application) -> Iterator[tuple[int, str]]:
    """Line and file of what sets or deletes HOME whenever the application is loaded."""
    for doing in applications.starting(application):
        for one in doing.acts.environment:
            is_sure = one.place.at_import and not one.place.is_conditional
            if one.variable == HOME and one.kind != "default" and is_sure:
                yield one.place.line, doing.path


Read = tuple[int, str, bool]
"""Line, what reads HOME, whether it runs at import."""


def asked(doing: Doing) -> Iterator[Read]:
    """Calls that look at HOME; those of functions run behind everything at import."""
    for call in doing.acts.calls:
        if reads_home(call):
            line = call.place.line
            yield line, described(call), call.place.at_import and not call.place.is_conditional


def described(call: Call) -> str:
    """As it is written, nearly."""
    texts = [repr(one) for one in call.args if isinstance(one, str)]
    return f"{call.name}({', '.join(texts)})"


def reads_home(call: Call) -> bool:
    """It asks for HOME, by name or by ~; `~bob` is somebody's home in passwd."""
    argument = call.args[0] if call.args else None
    match call.name:
        case "pathlib.Path.home":
            return True
        case "os.path.expanduser" | "pathlib.Path.expanduser":
            return isinstance(argument, str) and (argument == "~" or argument.startswith("~/"))
        case "os.environ.__getitem__" | "os.environ.get" | "os.getenv":
            return argument == HOME
        case "os.path.expandvars":
            return isinstance(argument, str) and ("$HOME" in argument or "${HOME}" in argument)
    return False


def libraries(imports: tuple[Import, ...], variables: set[str]) -> Iterator[Read]:
    """Imports of libraries that look into the home directory; not where they are told another."""
    for one in imports:
        name = one.module.partition(".")[0]
        if not one.level and name in LIBRARIES and LIBRARIES[name] not in variables:
            yield one.line, f"import {one.module}", one.at_import
