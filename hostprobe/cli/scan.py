"""`hostprobe scan`."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from time import gmtime, perf_counter, strftime

from hostprobe import __version__
from hostprobe.catalogue import Catalogue, UnknownCheckError, discover, select
from hostprobe.check import Check, Severity
from hostprobe.cli.baseline import known
from hostprobe.cli.errors import UsageError
from hostprobe.cli.output import mode_for, write_lines, write_text
from hostprobe.cli.settings import settings_of
from hostprobe.cli.source import Source, opened, require_topology
from hostprobe.cli.stored import kept
from hostprobe.confirmation import confirmed
from hostprobe.engine import Needs, Report, broken_results, run
from hostprobe.facts.settings import ScanSettings, Waiver
from hostprobe.inspection import PROVIDERS
from hostprobe.model.instance import Topology
from hostprobe.report.formats import Document, render
from hostprobe.report.json import document_of
from hostprobe.report.text import render_text
from hostprobe.waiving import standings, waived


def scan(options: Namespace) -> int:
    """Judge a host; the exit status says how it stands."""
    settings, before = settings_of(options), known(options.baseline)
    catalogue = discover()
    wanted, ignored = choice(options, settings.scan)
    checks = chosen(catalogue, wanted, ignored)
    with kept(options, settings) as store, opened(options) as source:
        require_topology(source.inspection)
        report = judged(source, checks, {} if wanted else catalogue.broken)
        source.inspection.progress("")
        report = replace(with_waivers(report, settings.waiver, catalogue, options), known=before)
        document = document_of(report) if store or options.format != "text" else {}
        try:
            if store is not None:
                store(document)
        finally:  # a full disk does not take away what was found
            show(report, document, options)
    return report.exit_status(Severity[options.fail_on or settings.scan.fail_on])


def show(report: Report, document: Document, options: Namespace) -> None:
    """The report in the wanted format."""
    if options.format == "text":
        lines = render_text(report, verbose=options.verbose, quiet=options.quiet)
        write_lines(lines, options.output)
    else:
        text = render(options.format, document)
        write_text(text, options.output, mode_for(options.format))


def choice(options: Namespace, settings: ScanSettings) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids that are selected and ignored; what the command line says takes the place of both."""
    wanted, ignored = tuple(names(options.select)), tuple(names(options.ignore))
    if options.select and not wanted:
        raise UsageError("--select names no check")
    return (wanted, ignored) if wanted or ignored else (settings.select, settings.ignore)


def chosen(
    catalogue: Catalogue, wanted: tuple[str, ...], ignored: tuple[str, ...]
) -> tuple[Check, ...]:
    """The selected checks; UsageError for an unknown id or none at all."""
    try:
        checks = select(catalogue, wanted, ignored)
    except UnknownCheckError as error:
        raise UsageError(str(error)) from error
    if not checks:
        raise UsageError("no check is left to run: see --select and --ignore")
    return checks


def names(values: list[str] | None) -> Iterator[str]:
    """Ids in repeated, comma-separated options."""
    for value in values or ():
        yield from (name.strip() for name in value.split(",") if name.strip())


def judged(source: Source, checks: tuple[Check, ...], broken: Mapping[str, str]) -> Report:
    """Run the checks; those that could not be loaded stand beside them."""
    started, began = strftime("%Y-%m-%dT%H:%M:%SZ", gmtime()), perf_counter()
    inspection = source.inspection
    results = [*run(checks, Needs(inspection, PROVIDERS), inspection.progress)]
    results += broken_results(broken)
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


def with_waivers(
    report: Report, waivers: tuple[Waiver, ...], catalogue: Catalogue, options: Namespace
) -> Report:
    """The same report after what the administrator says of it today."""
    today = date.today()  # noqa: DTZ011  "until Friday" means the Friday of this host
    ids = {*catalogue.checks, *catalogue.broken}
    is_whole = not (options.app or options.config or options.pid)
    results = waived(report.results, waivers, today)
    stand = standings(waivers, results, ids, today, is_whole=is_whole)
    return replace(report, results=results, waivers=stand)
