"""Does every needed version exist (`_dl_check_map_versions`)? Checked before any relocation."""

from collections.abc import Iterable

from hostprobe.facts.elf import VersionNeed
from hostprobe.model.loader.objects import FailureKind, LoadedObject, text
from hostprobe.model.loader.state import RefusedError, State


def check_versions(state: State, objects: Iterable[LoadedObject]) -> None:
    """Raise RefusedError for the first object that misses a version node."""
    for loaded in objects:
        link = state.links[loaded]
        if not link.versions_checked:
            link.versions_checked = True
            for need in loaded.elf.version_needs:
                check_need(state, loaded, need)


def check_need(state: State, loaded: LoadedObject, need: VersionNeed) -> None:
    """One node of one file; a file without any versions is accepted with a warning only."""
    name = text(need.file)
    provider = find_needed(state, name)
    if provider is None:
        raise RefusedError(
            FailureKind.ABORT,
            loaded.path or name,
            f"no loaded object answers to {name}, which DT_VERNEED names but DT_NEEDED does not: "
            "ld.so ends the process (`needed != NULL' failed)",
            loaded,
        )
    elf = provider.elf
    if not elf.has_verdef or need.weak or need.node in elf.version_definitions.values():
        return
    if need.node == elf.soname:  # the base definition, which carries the soname
        return
    node = text(need.node)
    error = RefusedError(
        FailureKind.MISSING_VERSION,
        provider.path,
        f"version `{node}' not found (required by {loaded.path})",
        loaded,
    )
    error.missing = node
    raise error


def find_needed(state: State, name: str) -> LoadedObject | None:
    """The first object that was opened as, or asked for by, that name (`find_needed`)."""
    known = state.names.get(name)
    if known is not None and name in state.links[known].names:
        return known
    return next((one for one, link in state.links.items() if name in link.names), None)
