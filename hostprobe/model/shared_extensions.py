"""Extensions that meet several interpreters in one process, or one that is not the main one."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from hostprobe.model.instance import Application, Extension
from hostprobe.model.interpreters import MAIN, Interpreters, Use, uses
from hostprobe.model.python.known_packages import SHARE_WELL
from hostprobe.model.sharing.processes import SharedProcess, possible_processes

Kind = Literal["refused", "handled", "single-phase", "warned", "alone"]
Uses = tuple[tuple[Use, str], ...]
"""Extensions of one process, each with what it says, or who says it of it."""

SINGLE_PHASE = "single-phase initialisation: PyModule_Create2 without PyModuleDef_Init"


@dataclass(frozen=True, slots=True)
class Shared:
    """What is alike in one process: extensions and why they matter."""

    process: SharedProcess
    kind: Kind
    uses: Uses

    @property
    def is_decided(self) -> bool:
        """No request decides what runs where."""
        groups = (one.application_group for one in self.applications)
        return self.process.group is not None and None not in groups

    @property
    def packages(self) -> tuple[str, ...]:
        """Names to import, in alphabetical order."""
        return tuple(sorted({use.extension.module.partition(".")[0] for use, _ in self.uses}))

    @property
    def applications(self) -> tuple[Application, ...]:
        """Every application that imports one of them, in order of appearance."""
        found = (one for use, _ in self.uses for one in use.applications)
        return tuple({id(one): one for one in found}.values())

    @property
    def interpreters(self) -> tuple[str, ...]:
        """Every interpreter that has one of them, in order of appearance."""
        return tuple(dict.fromkeys(name for use, _ in self.uses for name in use.interpreters))


def shared(interpreters: Interpreters) -> Iterator[Shared]:
    """For every process: what several interpreters refuse or may mix up, and what one has alone."""
    found = (one for instance in interpreters.instances for one in possible_processes(instance))
    for process in found:
        several, alone = divided(process)
        refused = told(several, interpreters.refusal)
        kept = {use.extension.path for use, _ in refused}
        others = [use for use in several if use.extension.path not in kept]
        suspected = told(others, lambda one: suspicion(interpreters, one))
        alone_refused = told(alone, interpreters.refusal)
        kinds: dict[Kind, Uses] = {
            "refused": tuple(pair for pair in refused if pair[0].unguarded),
            "handled": tuple(pair for pair in refused if not pair[0].unguarded),
            "single-phase": suspected,
            "warned": tuple(pair for pair in alone_refused if is_numpy(pair[0])),
            "alone": tuple(pair for pair in alone_refused if not is_numpy(pair[0])),
        }
        yield from (Shared(process, kind, uses) for kind, uses in kinds.items() if uses)


def divided(process: SharedProcess) -> tuple[list[Use], list[Use]]:
    """What more than one interpreter has, and what only a sub-interpreter has."""
    found = uses(process)
    several = [use for use in found if len(use.interpreters) > 1]
    alone = [use for use in found if len(use.interpreters) == 1 and MAIN not in use.interpreters]
    return several, alone


def told(uses: Iterable[Use], why: Callable[[Extension], str | None]) -> Uses:
    """Those of which something is told."""
    return tuple((use, text) for use in uses if (text := why(use.extension)))


def suspicion(interpreters: Interpreters, extension: Extension) -> str | None:
    """Why several interpreters may mix up its state; None where they are known not to."""
    if not interpreters.is_single_phase(extension):
        return None
    return None if interpreters.known(SHARE_WELL, extension) else SINGLE_PHASE


def is_numpy(use: Use) -> bool:
    """Whether the extension is a part of numpy, which only warns where it is alone."""
    return use.extension.module.startswith("numpy.")
