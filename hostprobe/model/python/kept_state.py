"""What an application's modules keep in memory from one request to the next."""

from collections.abc import Iterator
from typing import NamedTuple

from hostprobe.facts.acts import Acts, Entries, Items, Named, Value
from hostprobe.facts.httpd import Where
from hostprobe.model.instance import Application, Instance
from hostprobe.model.memory.crews import Crew, crews, last
from hostprobe.model.python.deeds import Deed, deed
from hostprobe.model.python.doing import Doing
from hostprobe.model.python.own_module import Reached

CONTAINERS = frozenset(
    {
        "collections.Counter()",
        "collections.OrderedDict()",
        "collections.defaultdict()",
        "collections.deque()",
        "dict()",
        "list()",
        "set()",
    }
)
CONTENT = ("cache", "memo", "registr", "loaded", "compiled", "pool", "connection", "client")
"""In names of what any process can make again: looked up by content, not by visitor."""

ROUTING = frozenset(
    {
        "after_request",
        "api_view",
        "before_request",
        "csrf_exempt",
        "delete",
        "get",
        "login_required",
        "patch",
        "post",
        "put",
        "require_GET",
        "require_POST",
        "require_http_methods",
        "route",
        "view",
        "view_config",
    }
)
"""Last names of decorators that make a function answer requests."""

ANSWERING = frozenset(
    {
        "__call__",
        "application",
        "delete",
        "dispatch",
        "get",
        "patch",
        "post",
        "process_request",
        "process_response",
        "process_view",
        "put",
    }
)
"""Functions and methods that frameworks call for a request."""

RECYCLING = ("maximum-requests", "inactivity-timeout", "restart-interval")
ROWS = "sqlobject.connectionForURI"


class Memory(NamedTuple):
    """How long, and for how many, the memory of a process lasts."""

    processes: int
    recycling: str
    """What ends processes and starts them anew: "maximum-requests=100"; "" nothing does."""

    title: str
    """Of the processes."""

    group: Where | None
    """Of their WSGIDaemonProcess; None: httpd's own children."""


class Memories:
    """Of the process groups of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._crews = {crew.group: crew for crew in crews(instance)}
        running = instance.running
        self._is_single = running is not None and "-X" in running.parent.command
        self._ends = per_child(instance)

    def of(self, application: Application) -> Memory | None:
        """None where one process lasts or is not known, and of a script that serves no URL."""
        crew = self._crews.get(application.process_group or "")
        if crew is None or application.process_group is None or self._is_single:
            return None
        if application.directive:
            return None
        recycling = option(crew) if crew.options else self._ends
        group = crew.where if crew.options else None
        found = Memory(crew.processes, recycling, crew.title, group)
        return found if crew.processes > 1 or recycling else None


def option(crew: Crew) -> str:
    """The first option of a WSGIDaemonProcess that ends its processes."""
    options = crew.options.options if crew.options else {}
    found = (f"{name}={options[name]}" for name in RECYCLING if options.get(name, "0") != "0")
    return next(found, "")


def per_child(instance: Instance) -> str:
    """MaxConnectionsPerChild, where it ends children."""
    names = "maxconnectionsperchild maxrequestsperchild"
    found = last(instance.configuration.directives, names)
    return f"{found.name} {found.args[0]}" if found and found.args[0] != "0" else ""


def keeps(doing: Doing, _: Memory) -> Iterator[Deed]:
    """Counters and containers of the module that functions for requests change, each once."""
    acts = doing.acts
    state = {one.name: one.value for one in acts.bindings if is_state(one.name, one.value)}
    answering = answering_functions(doing)
    told = set[str]()
    for change in acts.changes:
        is_counter = isinstance(state.get(change.name), int)
        is_change = change.name in state and is_counter is (change.how == "global")
        is_answering = change.place.function in answering and not change.place.at_import
        if is_change and is_answering and change.name not in told:
            told.add(change.name)
            yield deed(doing, change.name, change.place)
    for call in acts.calls:
        uri = call.args[0] if call.name == ROWS and call.args else None
        if isinstance(uri, str) and "cache=" not in uri:
            yield deed(doing, "SQLObject's cache of rows", call.place)


def is_state(name: str, value: Value) -> bool:
    """A number that can count, or something that can be filled, not named as a cache."""
    if any(word in name.lower() for word in CONTENT):
        return False
    is_named = isinstance(value, Named) and value.name in CONTAINERS
    is_number = isinstance(value, int) and not isinstance(value, bool)
    is_written = isinstance(value, Entries) or (isinstance(value, Items) and value.kind != "tuple")
    return is_named or is_number or is_written


def answering_functions(doing: Doing) -> set[str]:
    """All of a script but its decorators; of a module those that are made for requests."""
    acts = doing.acts
    if doing.module.reached is Reached.SCRIPT:
        changing = {change.place.function for change in acts.changes}
        return {name for name in changing if name.partition(".")[0] not in decorators(acts)}
    if doing.module.name.rpartition(".")[2] == "views":
        return {one.name for one in acts.defined} - decorators(acts)
    return {
        one.name
        for one in acts.defined
        if one.name.rpartition(".")[2] in ANSWERING
        or any(each.rpartition(".")[2] in ROUTING for each in one.decorators)
    }


def decorators(acts: Acts) -> set[str]:
    """Functions that decorate others: they run when the module is loaded."""
    return {each for one in acts.defined for each in one.decorators}
