"""Which embedded applications ask for their home directory, by HOME."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.facts.acts import Call
from hostprobe.facts.files import Missing
from hostprobe.facts.python import Import, PythonSource
from hostprobe.model.inherited_home import HOME, InheritedHome, mendings
from hostprobe.model.instance import Application, Instance
from hostprobe.model.python.doing import Applications, Doing
from hostprobe.model.python.eggs import egg_cache, unpacked_eggs
from hostprobe.model.python.own_module import Reached
from hostprobe.model.users import Users

LIBRARIES = {
    "astropy": "XDG_CONFIG_HOME",
    "huggingface_hub": "HF_HOME",
    "keras": "KERAS_HOME",
    "matplotlib": "MPLCONFIGDIR",
    "theano": "THEANO_FLAGS",
}
"""Libraries that look into the home directory when imported -> the variable that stops them."""


@dataclass(frozen=True, slots=True)
class HomeReader:
    """One application that asks for its home directory."""

    application: Application
    where: tuple[str, ...]
    """File, line and what is called or imported."""

    is_sure: bool
    """One of them runs whenever the application is loaded."""


def home_readers(
    applications: Applications, users: Users, instance: Instance, home: InheritedHome
) -> Iterator[HomeReader]:
    """Embedded applications that read HOME before they set it themselves."""
    judged = set()
    variables = frozenset(instance.configuration.start.environment or {})
    for application in instance.programs:
        if application.process_group == "" and application.script not in judged:
            judged.add(application.script)
            found = [
                *reads(applications, application, variables),
                *unpackings(applications, users, instance, application, home),
            ]
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


def unpackings(
    applications: Applications,
    users: Users,
    instance: Instance,
    application: Application,
    home: InheritedHome,
) -> Iterator[tuple[str, bool]]:
    """Zipped eggs that are unpacked below HOME, as nothing names another cache."""
    account = users.account(home.user)
    if isinstance(account, Missing) or any(mendings(applications, application)):
        return
    for egg in unpacked_eggs(applications, application):
        cache = egg_cache(applications, users, instance, application, account)
        if cache is not None and cache.is_of_home:
            yield f"{egg.path}: {egg.why}, unpacked below HOME", False


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
