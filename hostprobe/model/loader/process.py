"""One simulated process: start, dlopen, dlclose, fork.

Not modelled, each with its reason:

- LD_AUDIT, dlmopen: no Apache module uses them; auditors could answer look-ups themselves.
- Constructors and destructors (and their order): hostprobe executes nothing, so what they open
  must come as operations of the plan; thread-local destructors that keep an object mapped.
- The moment of a lazy binding: the answer is the one at load time, and `Binding.lazy` says so.
- dlsym(3), and IFUNC resolvers that bind: they belong to running code.
- The space for static TLS: `static_tls.py` counts it beside.
- The system's reason after "cannot open shared object file" where only directories are searched
  that an earlier search found missing: glibc leaves it out.
- LD_DYNAMIC_WEAK, LD_USE_LOAD_BIAS, $ORIGIN in set-user-ID programs, --inhibit-rpath: not how
  httpd starts.
- GLIBC_TUNABLES: `glibc.rtld.dynamic_sort=1` (order of relocation only) and
  `glibc.cpu.hwcaps` (give `Rules.levels` instead).
- The working directory: relative paths are taken from /.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from hostprobe.facts.files import Files
from hostprobe.facts.plan import Close, Open, Plan
from hostprobe.model.loader.binding import Binding
from hostprobe.model.loader.dlopen import open_object
from hostprobe.model.loader.index import Index
from hostprobe.model.loader.lookup import match
from hostprobe.model.loader.objects import FailureKind, LoadedObject, LoadFailure
from hostprobe.model.loader.rules import Rules, asks_for_executable_stack
from hostprobe.model.loader.startup import new_state, start_program
from hostprobe.model.loader.state import Event, RefusedError, State
from hostprobe.model.loader.unload import close


@dataclass(slots=True)
class Process:
    """A program and what it has loaded; changed by `open` and `close`, continued by `fork`."""

    plan: Plan
    state: State | None = field(default=None, repr=False)
    """None: the main program could not be read."""

    failures: tuple[LoadFailure, ...] = ()
    """Of the start and of every open, in order."""

    died: LoadFailure | None = None
    """Why the program did not start, or what ended it; nothing happens after that."""

    new_objects: tuple[LoadedObject, ...] = ()
    """What the last successful open mapped; right after the start everything."""

    _main_takes: Mapping[bytes, LoadedObject] | None = field(default=None, repr=False)

    @property
    def objects(self) -> tuple[LoadedObject, ...]:
        """Everything loaded, in load order."""
        return () if self.state is None else tuple(self.state.links)

    @property
    def main(self) -> LoadedObject | None:
        """The main program; None when it could not be read."""
        return None if self.state is None else self.state.main

    @property
    def global_scope(self) -> tuple[LoadedObject, ...]:
        """Objects in the order in which every look-up meets them."""
        return () if self.state is None else tuple(self.state.global_scope)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read or was passed over, and may have changed the outcome."""
        return () if self.state is None else self.state.problems

    @property
    def history(self) -> tuple[Event, ...]:
        """Every map, relocation, addition to the global scope and unmap since the start."""
        return () if self.state is None else tuple(self.state.history)

    def is_for_executable_stack(self, loaded: LoadedObject) -> bool:
        """The object asks for one: where ld.so loads it, it makes every stack executable."""
        return self.state is not None and asks_for_executable_stack(loaded.elf, self.state.machine)

    def is_global(self, loaded: LoadedObject) -> bool:
        """It is in the global scope now."""
        return self.state is not None and self.state.links[loaded].is_global

    def needed(self, loaded: LoadedObject) -> tuple[LoadedObject, ...]:
        """What its NEEDED entries gave, in file order."""
        return () if self.state is None else self.state.links[loaded].needed

    def answering(self, name: str) -> LoadedObject | None:
        """The object that a NEEDED entry of that name gets without a search; None: it searches."""
        return None if self.state is None else self.state.names.get(name)

    def search_list(self, loaded: LoadedObject) -> tuple[LoadedObject, ...]:
        """The breadth-first list of an opened object; empty for a mere dependency."""
        return () if self.state is None else self.state.links[loaded].search_list or ()

    def bindings(self) -> Iterator[Binding]:
        """Every binding of every object alive, in load order."""
        for loaded in self.objects:
            yield from self.bindings_of(loaded)

    def bindings_of(self, loaded: LoadedObject) -> Iterator[Binding]:
        """One per reference of the file in the file's order: equal files pair up one to one."""
        link = None if self.state is None else self.state.links.get(loaded)
        if link is None or link.providers is None:
            return
        for reference, provider in zip(loaded.elf.references, link.providers, strict=True):
            version = None
            if provider is not None:
                definition = match(provider, reference, reference.lookup_class)
                if definition is not None:
                    version = provider.nodes.get(definition.versym & 0x7FFF)
            yield Binding(loaded, reference, provider, version, link.lazy and reference.in_plt)

    def providers(self, loaded: LoadedObject) -> tuple[LoadedObject | None, ...]:
        """What each of the file's references is bound to, in the file's order."""
        link = None if self.state is None else self.state.links.get(loaded)
        return () if link is None or link.providers is None else link.providers

    @property
    def main_takes(self) -> Mapping[bytes, LoadedObject]:
        """What the main program's own references take from libraries, by name.

        Behind a COPY slot or a canonical PLT entry of the executable stands this object.
        """
        if self._main_takes is None:
            main = self.main
            found = () if main is None else self.bindings_of(main)
            self._main_takes = {
                one.reference.name: one.provider
                for one in found
                if one.provider is not None and one.provider is not main
            }
        return self._main_takes

    def open(self, wish: Open) -> LoadedObject | LoadFailure:
        """Simulate dlopen; a failure is returned and also kept in `failures`."""
        if self.died is not None or self.state is None:
            return self.died or unstarted(self.plan)
        state = self.state
        before = set(state.links)
        try:
            loaded = open_object(state, wish, self.caller_of(wish))
        except RefusedError as error:
            return self.fail(error, wish)
        state.handles[wish.path] = (*state.handles.get(wish.path, ()), loaded)
        self.new_objects = tuple(one for one in state.links if one not in before)
        return loaded

    def caller_of(self, wish: Open) -> LoadedObject:
        """The object that calls dlopen: its paths are searched."""
        assert self.state is not None
        for loaded in self.state.links if wish.caller is not None else ():
            if wish.caller in {loaded.path, loaded.real, loaded.soname}:
                return loaded
        return self.state.main

    def close(self, path: str) -> tuple[LoadedObject, ...]:
        """Simulate dlclose of one open of that path; returns what was unmapped."""
        if self.died is not None or self.state is None:
            return ()
        *handles, loaded = self.state.handles.get(path) or (None,)
        if loaded is None:
            return ()
        self.state.handles[path] = tuple(one for one in handles if one is not None)
        return close(self.state, loaded)

    def fork(self) -> "Process":
        """An independent continuation; costs a fraction of a millisecond."""
        self._main_takes = self.main_takes  # fixed since the start: one answer serves all forks
        return replace(self, state=None if self.state is None else self.state.fork())

    def run(self, operation: Open | Close) -> None:
        """Execute one operation of a plan."""
        if isinstance(operation, Open):
            self.open(operation)
        else:
            self.close(operation.path)

    def fail(self, error: RefusedError, cause: Open | None) -> LoadFailure:
        """Record a failure; an abort ends the process."""
        failure = describe(error, self.plan, cause)
        self.failures += (failure,)
        if cause is None or failure.kind is FailureKind.ABORT:
            self.died = failure
        return failure


def describe(error: RefusedError, plan: Plan, cause: Open | None) -> LoadFailure:
    """A refusal with its chain of requesters."""
    chain: list[str] = []
    asker = error.requester
    while asker is not None and asker.cause is cause:
        chain.append(asker.path)
        asker = asker.requester
    return LoadFailure(
        path=plan.main if cause is None else cause.path,
        kind=error.kind,
        message=str(error),
        object=error.name,
        missing=error.missing,
        requesters=tuple(reversed(chain)),
        searched=error.searched,
        cause=cause,
    )


def unstarted(plan: Plan) -> LoadFailure:
    """What an operation on a process that never was gets."""
    message = f"{plan.main}: was not started"
    return LoadFailure(plan.main, FailureKind.UNREADABLE, message, plan.main, plan.main)


def start(
    files: Files, plan: Plan, rules: Rules | None = None, index: Index | None = None
) -> Process:
    """Start the main program with its preloads and needs; the plan's operations wait.

    Without rules the C library of the root sets them. Processes of the same files may share an
    index: what one looked up the others need not. A start that fails is in `died`, with
    whatever was loaded until then.
    """
    process = Process(plan)
    try:
        state = process.state = new_state(files, plan, rules, index)
        start_program(state, plan.environment)
        process.new_objects = process.objects
    except RefusedError as error:
        process.fail(error, None)
    return process


def simulate(
    files: Files, plan: Plan, rules: Rules | None = None, index: Index | None = None
) -> Process:
    """Start and execute every operation; failures are recorded and the plan goes on."""
    process = start(files, plan, rules, index)
    for operation in plan.operations:
        process.run(operation)
    return process
