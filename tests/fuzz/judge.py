"""One random process, simulated and run: every relocation, error and unmap compared in order."""

import signal
import subprocess
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from hostprobe.collect.files import LiveFiles
from hostprobe.model.loader.objects import FailureKind, text
from hostprobe.model.loader.process import start
from hostprobe.model.loader.state import Step
from tests.oracle.compare import grouped
from tests.oracle.ld_debug import run
from tests.oracle.scenario import DRIVER, words_of

STARTED = "relocate"
SYSTEM_REASON = ": No such file or directory"
"""Left out by glibc where every directory was found missing before; not modelled."""


@dataclass
class Verdict:
    """What the comparison of one seed gave."""

    difference: str = ""
    """The first difference; empty: none."""

    unpredictable: str = ""
    """Why the run says nothing about the model."""

    outcome: str = "same"
    """"same", "refused" (does not start in both), "aborted" (in both), "unpredictable"."""

    bindings: int = 0
    """Distinct bindings compared, of every relocation."""

    relocations: int = 0
    failures: int = 0
    """Opens that fail in both."""


@dataclass
class Prediction:
    """The simulated process with what each of its relocations bound."""

    process: object
    rows: dict = field(default_factory=dict)
    """Loaded object -> its distinct (symbol, version, provider), in order; it may be gone."""

    def remember(self):
        for one in self.process.objects:
            if one not in self.rows and self.process.state.links[one].providers is not None:
                self.rows[one] = tuple(
                    dict.fromkeys(
                        (text(row.symbol), row.version and text(row.version), row.provider.path)
                        for row in self.process.bindings_of(one)
                        if row.provider is not None
                    )
                )

    def relocations(self):
        """(path, rows) in order; the rows of a relocation that failed are not known."""
        events = self.process.history
        return [(e.object.path, self.rows.get(e.object)) for e in events if e.step is Step.RELOCATE]


def predict(plan, files=None):
    prediction = Prediction(start(files or LiveFiles(), plan))
    prediction.remember()
    for operation in plan.operations:
        prediction.process.run(operation)
        prediction.remember()
    return prediction


def judge(plan, directory, files=None, unpredictable=lambda _record, _result: ""):
    """Run and simulate; `unpredictable` says why a run cannot be judged, or nothing."""
    operations = plan.operations
    words = [word for one in operations for word in words_of(one)]
    command = [plan.main, *words]
    try:
        record, result = run(
            command,
            directory,
            environment=plan.environment,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except UnicodeDecodeError:
        return Verdict(outcome="unpredictable", unpredictable="its output is not text")
    reason = unpredictable(record, result)
    if reason:
        return Verdict(outcome="unpredictable", unpredictable=reason)
    environment = {**plan.environment, "LD_BIND_NOW": "1"}
    prediction = predict(replace(plan, environment=environment), files)
    return compared(prediction, operations, record, result)


def compared(prediction, operations, record, result):
    process = prediction.process
    verdict = Verdict(failures=len(process.failures), relocations=len(record.relocations))
    verdict.bindings = sum(len(set(rows)) for _, rows in record.relocations)
    if process.died is not None:
        is_start = process.died.cause is None
        verdict.outcome = "refused" if is_start else "aborted"
    for differences in (
        differing_end(process, result),
        differing_answers(process, operations, result),
        differing_relocations(prediction.relocations(), record.relocations),
        differing_history(process, record),
    ):
        verdict.difference = next(iter(differences), "")
        if verdict.difference:
            break
    return verdict


def differing_end(process, result):
    """The process ends well, or by the failure predicted."""
    code, died = result.returncode, process.died
    if code < 0 and not (died is not None and died.kind is FailureKind.ABORT):
        yield f"killed by {signal.Signals(-code).name}"
    elif died is None and code:
        yield f"exit status {code}, predicted none: {result.stderr.strip()}"
    elif died is not None and not code:
        yield f"ends well, predicted: {died.message}"
    elif died is not None and code > 0 and end_of(died) not in result.stderr:
        yield f"ends by {result.stderr.strip()}, predicted: {died.message}"


def end_of(failure):
    """A failed assertion of ld.so has words of its own."""
    if failure.kind is FailureKind.ABORT:
        return "Inconsistency detected by ld.so"
    return failure.message


def differing_answers(process, operations, result):
    failed = {id(one.cause): one for one in process.failures if one.cause is not None}
    printed = [line for line in result.stdout.splitlines() if line.startswith(("ok", "error"))]
    for number, (operation, answer) in enumerate(zip(operations, printed, strict=False)):
        failure = failed.get(id(operation))
        predicted = "ok" if failure is None else f"error {failure.message}"
        if failure is not None and failure.kind is FailureKind.NOT_LOADED:
            predicted = "error "
        if answer not in {predicted, predicted.removesuffix(SYSTEM_REASON)}:
            yield f"operation {number} {operation}: {answer!r}, predicted {predicted!r}"
    if process.died is None and len(printed) != len(operations):
        yield f"{len(printed)} answers to {len(operations)} operations"


def differing_relocations(ours, theirs):
    for predicted, seen in zip_longest(ours, theirs, fillvalue=("nothing", ())):
        name, rows = seen
        distinct = tuple(dict.fromkeys(rows))
        if predicted[0] != name:
            yield f"relocation of {name}, predicted of {predicted[0]}"
        elif predicted[1] is not None and predicted[1] != distinct:
            yield f"relocation of {name}: " + first_difference(predicted[1], distinct)


def differing_history(process, record):
    events = [(one.step.value, one.object.path) for one in process.history]
    while process.died is not None and events[-1:] and events[-1][0] == "unmap":
        events.pop()  # the model undoes the open that ends the process
    ours, theirs = grouped(from_first_relocation(events)), grouped(record.history)
    if ours != theirs:
        yield first_difference(ours, theirs)


def from_first_relocation(events):
    """The start's own scope is complete before it and not logged."""
    steps = [step for step, _ in events]
    return events[steps.index(STARTED) :] if STARTED in steps else []


def first_difference(ours, theirs):
    pairs = enumerate(zip_longest(ours, theirs))
    number, (predicted, seen) = next((n, pair) for n, pair in pairs if pair[0] != pair[1])
    return f"row {number} is {seen}, predicted {predicted}"


def compile_driver(target, *flags):
    subprocess.run(["gcc", *flags, "-o", target, DRIVER], check=True)
