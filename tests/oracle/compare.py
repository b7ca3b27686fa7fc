"""The loader model against a record of the real loader, as sets of bindings, never as text."""

from hostprobe.model.loader.objects import text


def predicted_bindings(process):
    """(object, symbol, version, provider) of every bound reference of the objects alive."""
    return {
        (one.object.path, text(one.symbol), decoded(one.version), one.provider.path)
        for one in process.bindings()
        if one.provider is not None
    }


def recorded_bindings(record):
    return {(name, *row) for name, rows in record.bindings.items() for row in rows}


def decoded(version):
    return None if version is None else text(version)


def assert_same_bindings(process, record, also_wrong=0):
    """Every binding of the record is predicted, and nothing else."""
    ours, theirs = predicted_bindings(process), recorded_bindings(record)
    assert theirs, "the loader logged nothing"
    missing, extra = sorted(theirs - ours, key=str), sorted(ours - theirs, key=str)
    assert not missing, f"{len(missing)} not predicted: {missing[:20]}"
    assert not extra, f"{len(extra)} wrongly predicted: {extra[:20]}"
    assert record.torn == 0


def predicted_history(process):
    """Relocations, additions and unmaps in order; unmaps of one close have no order here."""
    start = start_of_life(process)
    return grouped([(one.step.value, one.object.path) for one in process.history[start:]])


def start_of_life(process):
    """The first relocation: the start's own scope is complete before it and not logged."""
    return next(i for i, one in enumerate(process.history) if one.step.value == "relocate")


def recorded_history(record):
    return grouped(record.history)


def grouped(history):
    """Keep what both sides tell, sort neighbouring unmaps."""
    found = []
    for step, name in history:
        if step == "unmap" and found and found[-1][0] == "unmap":
            found[-1] = ("unmap", tuple(sorted((*found[-1][1], name))))
        elif step == "unmap":
            found.append(("unmap", (name,)))
        elif step in {"relocate", "add-global"}:
            found.append((step, name))
    return found
