"""`hostprobe scan`."""

from argparse import Namespace
from collections.abc import Iterator
from time import gmtime, perf_counter, strftime

from hostprobe import __version__
from hostprobe.catalogue import Catalogue, UnknownCheckError, discover, select
from hostprobe.check import Check, Severity
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import mode_for, write_lines, write_text
from hostprobe.cli.source import Source, opened, require_topology
from hostprobe.confirmation import confirmed
from hostprobe.engine import Needs, Report, broken_results, run
from hostprobe.inspection import PROVIDERS
from hostprobe.model.instance import Topology
from hostprobe.report.formats import render
from hostprobe.report.json import document_of
from hostprobe.report.text import render_text


def scan(options: Namespace) -> int:
    """Judge a host; the exit status says how it stands."""
    catalogue = discover()
    checks = chosen(catalogue, options)
    with opened(options) as source:
        require_topology(source.inspection)
        report = judged(source, checks, catalogue if not options.select else None)
    if options.format == "text":
        lines = render_text(report, verbose=options.verbose, quiet=options.quiet)
        write_lines(lines, options.output)
    else:
        write_text(
            render(options.format, document_of(report)), options.output, mode_for(options.format)
        )
    return report.exit_status(Severity[options.fail_on])


def chosen(catalogue: Catalogue, options: Namespace) -> tuple[Check, ...]:
    """The selected checks; UsageError for an unknown id or none at all."""
    wanted = tuple(names(options.select))
    if options.select and not wanted:
        raise UsageError("--select names no check")
    try:
        checks = select(catalogue, wanted, names(options.ignore))
    except UnknownCheckError as error:
        raise UsageError(str(error)) from error
    if not checks:
        raise UsageError("no check is left to run: see --select and --ignore")
    return checks


def names(values: list[str] | None) -> Iterator[str]:
    """Ids in repeated, comma-separated options."""
    for value in values or ():
        yield from (name.strip() for name in value.split(",") if name.strip())


def judged(source: Source, checks: tuple[Check, ...], catalogue: Catalogue | None) -> Report:
    """Run the checks; what could not be loaded counts unless checks were selected by name."""
    started, began = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime()), perf_counter()
    inspection = source.inspection
    results = [*run(checks, Needs(inspection, PROVIDERS), inspection.progress)]
    results += broken_results(catalogue.broken) if catalogue else ()
    topology = inspection.topology
    instances = topology.instances if isinstance(topology, Topology) else ()
    return Report(
        hostprobe=__version__,
        host=inspection.host,
        started=started,
        duration=perf_counter() - began,
        instances=instances,
        results=confirmed(results, (one.name for one in instances)),
        notes=tuple(source.notes()),
        unread=(*source.record.unread(), *inspection.unjudged()),
    )
