"""`hostprobe preflight`."""

from argparse import Namespace

from hostprobe.catalogue import discover
from hostprobe.check import Severity
from hostprobe.cli.output import write_lines, write_text
from hostprobe.cli.scan import chosen, judged, with_waivers
from hostprobe.cli.settings import settings_of
from hostprobe.cli.source import opened, require_topology
from hostprobe.model.linkage import Linkages
from hostprobe.preflight import preflight as judge
from hostprobe.report.json import render_json
from hostprobe.report.preflight import preflight_data, render_preflight


def preflight(options: Namespace) -> int:
    """Tell what the next restart of httpd does; the exit status says whether it breaks anything."""
    settings, catalogue = settings_of(options), discover()
    checks = chosen(catalogue, settings.scan.select, settings.scan.ignore)
    fail_on = Severity[options.fail_on or settings.scan.fail_on]
    with opened(options) as source:
        require_topology(source.inspection)
        report = judged(source, checks, catalogue.broken)
        report = with_waivers(report, settings.waiver, catalogue, options)
        source.inspection.progress("comparing with what runs")
        found = source.inspection.linkages
        linkages = found.all if isinstance(found, Linkages) else ()
        restarts = judge(report, linkages, is_graceful=options.reload)
    if options.format == "json":
        write_text(render_json(preflight_data(restarts, fail_on)), options.output)
    else:
        lines = render_preflight(restarts, fail_on, verbose=options.verbose, quiet=options.quiet)
        write_lines(lines, options.output)
    return restarts.exit_status(fail_on)
