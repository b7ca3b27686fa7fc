"""`hostprobe topology`."""

from argparse import Namespace

from hostprobe import __version__
from hostprobe.cli.output import write_lines, write_text
from hostprobe.cli.source import opened, require_topology
from hostprobe.facts.files import Missing
from hostprobe.model.instance import Topology
from hostprobe.report.figures import figure_data, render_figures
from hostprobe.report.json import host_data, render_json
from hostprobe.report.lines import styled
from hostprobe.report.topology import instance_data, render_topology


def topology(options: Namespace) -> int:
    """Show who runs what, where; 3 when that could not be established."""
    with opened(options) as source:
        require_topology(source.inspection)
        found = source.inspection.topology
        instances = found.instances if isinstance(found, Topology) else ()
        shown = source.inspection.figures
        notes = list(source.notes())
    status = 3 if isinstance(found, Missing) else 0
    if options.format == "json":
        data = {
            "schema": 1,
            "hostprobe": __version__,
            "host": host_data(source.inspection.host),
            "figures": [figure_data(figure) for figure in shown],
            "instances": [instance_data(instance) for instance in instances],
        }
        write_text(render_json(data), options.output)
        return status
    lines = [styled(note, "warning") for note in notes]
    outline = render_topology(instances, verbose=options.verbose)
    write_lines([*lines, *render_figures(shown), *outline], options.output)
    return status
