"""`hostprobe bindings`."""

import os
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import write_lines, write_text
from hostprobe.cli.source import Source, opened, require_topology
from hostprobe.collect.snapshot import MAX_FILE
from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.plan import Plan
from hostprobe.model.bindings import (
    BindingTable,
    each_alone,
    extension_open,
    in_sequence,
    process_table,
)
from hostprobe.model.instance import Extension, PythonEnvironment
from hostprobe.model.linkage import Linkage
from hostprobe.model.loader.process import Process, simulate
from hostprobe.model.running.as_mapped import AsMapped, as_mapped
from hostprobe.model.running.mapped import RunningObjects
from hostprobe.parse.error import ParseError
from hostprobe.parse.plan import parse_plan
from hostprobe.report.bindings import (
    bindings_data,
    chosen,
    match_objects,
    plan_data,
    render_bindings,
)
from hostprobe.report.escape import escape
from hostprobe.report.json import render_json


def bindings(options: Namespace) -> int:
    """Show who binds to whom; 3 when something would not load."""
    with opened(options) as source:
        if options.print_plan:
            write_text(render_json(plan_data(whole_plan(source))), options.output)
            return 0
        if options.plan is not None:
            require_only_plan(options)
            process = simulated(source, read_plan(options.plan))
            table = process_table(process, symbol_of(options))
        else:
            table = httpd_table(source, symbol_of(options))
    shown = chosen(table, options.objects, options.symbol, interposed=options.interposed)
    doubt(table, options)
    if options.format == "json":
        write_text(render_json(bindings_data(shown)), options.output)
        for failure in table.failures:
            warn(failure.message)
    else:
        lines = render_bindings(shown, table.objects, verbose=options.verbose)
        write_lines(lines, options.output)
    return 3 if table.failures else 0


def symbol_of(options: Namespace) -> bytes | None:
    """The symbol of --symbol: of its rows it is told how they came about."""
    return None if options.symbol is None else os.fsencode(options.symbol)


def require_only_plan(options: Namespace) -> None:
    """UsageError for an option that a plan leaves no room for."""
    others = {
        "--config": options.config,
        "--pid": options.pid,
        "--app": options.app,
        "--extension": options.extensions,
        "--restarts": options.restarts,
        "--python": options.python,
        "--interposed": options.interposed,
    }
    for option, value in others.items():
        if value:
            raise UsageError(f"{option} does not go with --plan: a plan is one process as it is")


def doubt(table: BindingTable, options: Namespace) -> None:
    """Say where an empty answer is none: UsageError for an object that is not there."""
    for name in options.objects:
        matches = match_objects([name])
        if not any(matches(placed.loaded) for placed in table.objects):
            for failure in table.failures:
                warn(failure.message)
            raise UsageError(f"{name}: no loaded object has this path, file name or soname")
    if options.symbol is not None and not chosen(table, [], options.symbol, interposed=False).rows:
        warn(f"no relocation refers to {options.symbol}")
    if options.interposed and not any(row.is_compared for row in table.rows):
        warn("nothing was compared: there is no extension, or no standalone Python (see --python)")


def read_plan(name: str) -> Plan:
    """The plan in a file of the caller."""
    try:
        with Path(name).open("rb") as stream:
            return parse_plan(stream.read(MAX_FILE))
    except OSError as error:
        raise UsageError(f"--plan {name}: {(error.strerror or str(error)).lower()}") from error
    except ParseError as error:
        raise UsageError(f"--plan {name}: {error}") from error


def only_linkage(source: Source) -> Linkage:
    """The one httpd whose process is meant."""
    require_topology(source.inspection)
    linkages = source.inspection.linkages
    if isinstance(linkages, Missing | Absent):
        raise UsageError(linkages.reason)
    if len(linkages.all) != 1:
        names = ", ".join(linkage.instance.name for linkage in linkages.all)
        raise UsageError(f"there are several httpds, name one with --config or --pid: {names}")
    return linkages.all[0]


def planned(source: Source, linkage: Linkage) -> Plan:
    """What httpd's parent opens, after the wanted number of restarts."""
    return linkage.plan_after(source.inspection.request.restarts)


def whole_plan(source: Source) -> Plan:
    """The parent's plan, then the extensions of the application and those given by hand."""
    linkage = only_linkage(source)
    parent = planned(source, linkage)
    if source.inspection.request.pid and linkage.running:
        found = mapped(source, linkage, linkage.running)
        opens = tuple(extension_open(each, python_object(linkage)) for each in found.extensions)
        return replace(found.parent.plan, operations=found.parent.plan.operations + opens)
    extensions = (*imported(source, linkage), *linkage.extra)
    caller = python_object(linkage)
    opens = tuple(extension_open(each, caller) for each in extensions)
    return replace(parent, operations=parent.operations + opens)


def imported(source: Source, linkage: Linkage) -> tuple[Extension, ...]:
    """What the application of --app imports, in that order; nothing without --app.

    Whatever leaves that list uncertain is told on stderr.
    """
    if source.inspection.request.app is None:
        return ()
    applications = linkage.instance.applications
    tell_problems(linkage)
    if len({each.reachable for each in applications}) > 1:
        names = ", ".join(each.name for each in applications)
        raise UsageError(f"one plan is not enough, these import from different places: {names}")
    return applications[0].reachable


def python_object(linkage: Linkage) -> str | None:
    """The object in httpd that contains Python's interpreter, and so calls dlopen."""
    instance = linkage.instance
    return instance.mod_wsgi if instance.has_static_python else instance.libpython


def warn(text: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"{escape(f'hostprobe bindings: {text}')}\n")


def simulated(source: Source, plan: Plan) -> Process:
    """The process; UsageError when not even its main program can be started."""
    process = simulate(source.inspection.files, plan)
    if not process.objects:
        reason = process.failures[0].message if process.failures else "cannot be read"
        raise UsageError(f"{plan.main}: {reason}")
    return process


def httpd_table(source: Source, symbol: bytes | None = None) -> BindingTable:
    """The parent, then its extensions."""
    linkage = only_linkage(source)
    if source.inspection.request.pid and linkage.running:
        return joined(live_tables(source, linkage, linkage.running, symbol))
    parent = simulated(source, planned(source, linkage))
    extensions = extension_tables(source, linkage, parent, symbol)
    return joined([process_table(parent, symbol), *extensions])


def live_tables(
    source: Source, linkage: Linkage, objects: RunningObjects, symbol: bytes | None
) -> tuple[BindingTable, BindingTable]:
    """A running process: what it has mapped, then the extensions that it has imported."""
    found = mapped(source, linkage, objects)
    interpreter = linkage.interpreter(linkage.usual_executable)
    extensions = (*found.extensions, *linkage.extra)
    imports = in_sequence(extensions, found.parent, interpreter, python_object(linkage), symbol)
    return process_table(found.parent, symbol), imports


def mapped(source: Source, linkage: Linkage, objects: RunningObjects) -> AsMapped:
    """The process of --pid; UsageError where its mappings cannot be read."""
    request = source.inspection.request
    if request.restarts:
        raise UsageError("--restarts does not go with --pid: the process is taken as it is")
    if objects.unread and not objects.all:
        raise UsageError(f"--pid {request.pid}: {objects.unread[0]}")
    found = as_mapped(linkage, objects, request.pid)
    for path in found.surplus:
        warn(f"{path}: the model loads it, process {request.pid} has not mapped it")
    return found


def joined(tables: Sequence[BindingTable]) -> BindingTable:
    """One table of all."""
    return BindingTable(
        tuple(placed for table in tables for placed in table.objects),
        tuple(row for table in tables for row in table.rows),
        tuple(failure for table in tables for failure in table.failures),
    )


def extension_tables(
    source: Source, linkage: Linkage, parent: Process, symbol: bytes | None
) -> Iterator[BindingTable]:
    """Given extensions in sequence, and those that the application of --app imports.

    Without either those of each Python environment, every one alone.
    """
    caller = python_object(linkage)
    has_app = source.inspection.request.app is not None
    if linkage.extra and not has_app:
        interpreter = linkage.interpreter(linkage.usual_executable)
        yield in_sequence(linkage.extra, parent, interpreter, caller, symbol)
        return
    if has_app:
        tell_problems(linkage)
    for environment in linkage.environments:
        interpreter = linkage.interpreter(environment.executable)
        sequence = (*reachable(linkage, environment), *linkage.extra) if has_app else ()
        if sequence:
            yield in_sequence(sequence, parent, interpreter, caller, symbol)
        else:
            yield each_alone(environment.extensions, parent, interpreter, caller, symbol)


def reachable(linkage: Linkage, environment: PythonEnvironment) -> tuple[Extension, ...]:
    """What the application imports there, in that order."""
    applications = linkage.instance.applications
    found = (one.reachable for one in applications if one.environment is environment)
    return next(found, ())


def tell_problems(linkage: Linkage) -> None:
    """Why the imports are not known for certain, on stderr."""
    problems = (text for one in linkage.instance.applications for text in one.problems)
    for problem in dict.fromkeys(problems):
        warn(problem)
