"""The one argparse parser: help, completions and the man page come from it."""

import argparse
from typing import NoReturn

from hostprobe import __version__, nagios
from hostprobe.cli.examples import (
    AGENT,
    BASELINE,
    BINDINGS,
    DIFF,
    EXPORTER,
    MAIN,
    PREFLIGHT,
    REPORT,
    SCAN,
    SNAPSHOT,
)
from hostprobe.facts.report import SEVERITIES
from hostprobe.report.formats import FORMATS

SCHEMAS = ("report", "topology", "bindings", "plan", "diff", "baseline", "preflight")


class Parser(argparse.ArgumentParser):
    """One line on stderr for a mistake, not the whole usage."""

    def error(self, message: str) -> NoReturn:
        """Exit status 2."""
        text = message if message.isprintable() else ascii(message)
        self.exit(2, f"{self.prog}: {text} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of every command; `options.command` names the one that was given."""
    parser = Parser(
        prog="hostprobe",
        description="Finds what on a host breaks Python inside Apache httpd, before the restart "
        "that triggers it.",
        epilog=MAIN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"hostprobe {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    add_scan(commands)
    add_bindings(commands)
    add_preflight(commands)
    add_topology(commands)
    add_catalogue(commands)
    add_snapshot(commands)
    add_report(commands)
    add_diff(commands)
    add_baseline(commands)
    add_nagios(commands)
    add_exporter(commands)
    add_agent(commands)
    return parser


Commands = argparse._SubParsersAction  # noqa: SLF001  argparse gives the type no public name


def add(commands: "Commands[Parser]", name: str, text: str, epilog: str = "") -> Parser:
    """One command."""
    return commands.add_parser(
        name,
        help=text,
        description=text[0].upper() + text[1:] + ".",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )


def add_scan(commands: "Commands[Parser]") -> None:
    """`hostprobe scan`."""
    parser = add(commands, "scan", "look for what will break Python in Apache httpd", SCAN)
    add_source(parser)
    add_process(parser)
    choose = parser.add_argument_group("checks")
    choose.add_argument("--select", metavar="ID,...", action="append", help="only these checks")
    choose.add_argument("--ignore", metavar="ID,...", action="append", help="all but these checks")
    add_fail_on(choose)
    choose.add_argument(
        "--baseline", metavar="FILE", help="what is known from this file does not count"
    )
    add_settings(parser)
    parser.add_argument(
        "--state",
        metavar="DIR",
        nargs="?",
        const="",
        help="keep the report as the last one (without DIR in the state directory)",
    )
    add_output(parser, ("text", *FORMATS))
    parser.add_argument("-q", "--quiet", action="store_true", help="one line per finding")


def add_fail_on(group: argparse._ArgumentGroup) -> None:
    """From which severity on it is a failure."""
    group.add_argument(
        "--fail-on",
        metavar="SEVERITY",
        choices=SEVERITIES,
        help=f"exit with 1 from this severity on: {', '.join(SEVERITIES)} "
        "(default: that of the settings, or high)",
    )


def add_preflight(commands: "Commands[Parser]") -> None:
    """`hostprobe preflight`."""
    text = "what the next restart of httpd would change or break"
    parser = add(commands, "preflight", text, PREFLIGHT)
    add_source(parser)
    add_process(parser)
    group = parser.add_argument_group("the restart")
    group.add_argument(
        "--reload", action="store_true", help="a graceful restart (default: a stop and start)"
    )
    add_fail_on(group)
    add_settings(parser)
    add_output(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="only what breaks")


def add_bindings(commands: "Commands[Parser]") -> None:
    """`hostprobe bindings`."""
    text = "who binds to whom in the httpd process, and why"
    parser = add(commands, "bindings", text, BINDINGS)
    parser.add_argument("objects", metavar="OBJECT", nargs="*", help="only references of these")
    parser.add_argument("--symbol", metavar="NAME", help="only this symbol")
    parser.add_argument(
        "--interposed", action="store_true", help="only what differs from the standalone Python"
    )
    plan = parser.add_mutually_exclusive_group()
    plan.add_argument("--plan", metavar="FILE", help="simulate the dlopen calls of this JSON file")
    plan.add_argument(
        "--print-plan",
        action="store_true",
        help="print that plan as httpd would follow it; --app and --extension add to it",
    )
    add_source(parser)
    add_process(parser)
    parser.add_argument(
        "--restarts", metavar="N", type=count, default=0, help="graceful restarts after the start"
    )
    add_output(parser)


def add_topology(commands: "Commands[Parser]") -> None:
    """`hostprobe topology`."""
    text = "instances, process groups, interpreters, applications, Python environments"
    parser = add(commands, "topology", text)
    add_source(parser)
    add_process(parser)
    add_output(parser)


def add_catalogue(commands: "Commands[Parser]") -> None:
    """`hostprobe checks`, `explain` and `schema`."""
    add_output(add(commands, "checks", "the list of checks"))
    explain = add(commands, "explain", "the page of one check")
    explain.add_argument("id", metavar="ID")
    explain.add_argument("--output", metavar="FILE", help="write to a file instead of stdout")
    schema = add(commands, "schema", "the JSON Schema of an output or input")
    schema.add_argument("name", choices=SCHEMAS, metavar="NAME", help=", ".join(SCHEMAS))


def add_snapshot(commands: "Commands[Parser]") -> None:
    """`hostprobe snapshot`."""
    parser = add(commands, "snapshot", "facts of this host in one file", SNAPSHOT)
    parser.add_argument("--show", action="store_true", help="print what would be shared")
    add_source(parser)
    add_process(parser)
    parser.add_argument("--output", metavar="FILE", help="the file to write")
    parser.add_argument("-v", "--verbose", action="store_true", help="where an error arose")


def add_source(parser: Parser) -> None:
    """Which host, which httpd."""
    group = parser.add_argument_group("what to look at")
    source = group.add_mutually_exclusive_group()
    source.add_argument("--root", metavar="DIR", default="/", help="root file system (default: /)")
    source.add_argument(
        "--snapshot", metavar="FILE", help="facts of another host; `sample` is bundled"
    )
    source.add_argument(
        "--pid", metavar="PID", type=process_id, help="only the running httpd of this process"
    )
    group.add_argument("--no-live", action="store_true", help="do not look at running processes")
    group.add_argument("--config", metavar="FILE", help="one httpd with this configuration file")
    group.add_argument("--httpd", metavar="BINARY", help="the httpd binary")
    group.add_argument("-D", metavar="NAME", dest="defines", action="append", help="as httpd's -D")
    group.add_argument(
        "-C", metavar="DIRECTIVE", dest="before", action="append", help="as httpd's -C"
    )
    group.add_argument(
        "-c", metavar="DIRECTIVE", dest="after", action="append", help="as httpd's -c"
    )


def add_process(parser: Parser) -> None:
    """Which applications and extensions."""
    group = parser.add_argument_group("what runs in it")
    group.add_argument("--app", metavar="SCRIPT", help="only the application with this script")
    group.add_argument(
        "--extension",
        metavar="FILE",
        dest="extensions",
        action="append",
        help="add an extension module to the process (repeatable, in order)",
    )
    group.add_argument("--python", metavar="EXE", help="the standalone interpreter to compare with")


def add_report(commands: "Commands[Parser]") -> None:
    """`hostprobe report`."""
    parser = add(commands, "report", "a stored report in another format", REPORT)
    text = "a report in JSON (default: the last one in the state directory)"
    parser.add_argument("file", metavar="FILE", nargs="?", help=text)
    add_settings(parser)
    add_state(parser)
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format", metavar="FORMAT", choices=FORMATS, required=True, help=", ".join(FORMATS)
    )
    group.add_argument("--output", metavar="FILE", help="write to a file instead of stdout")


def add_exporter(commands: "Commands[Parser]") -> None:
    """`hostprobe exporter`."""
    parser = add(commands, "exporter", "serve the last report, for Prometheus and people", EXPORTER)
    parser.add_argument(
        "--web.listen-address",
        metavar="ADDRESS",
        dest="listen_address",
        action="append",
        help="HOST:PORT to listen on, repeatable (default: [exporter] listen_address)",
    )
    add_settings(parser)
    add_state(parser)


def add_diff(commands: "Commands[Parser]") -> None:
    """`hostprobe diff`."""
    parser = add(commands, "diff", "what changed from one report to another", DIFF)
    parser.add_argument("old", metavar="OLD", nargs="?", default="1", help="default: 1")
    parser.add_argument("new", metavar="NEW", nargs="?", default="0", help="default: 0, the last")
    add_settings(parser)
    add_state(parser)
    add_output(parser)


def add_baseline(commands: "Commands[Parser]") -> None:
    """`hostprobe baseline write` and `hostprobe baseline compare`."""
    parser = add(commands, "baseline", "what is known of a host, and what is beyond it", BASELINE)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    write = add(actions, "write", "write down what a report found")
    compare = add(actions, "compare", "what a report found beyond it")
    for each in (write, compare):
        each.add_argument("file", metavar="FILE", help="the baseline")
        text = "a report in JSON, or a number as for hostprobe diff (default: the last report)"
        each.add_argument("--report", metavar="REPORT", help=text)
        add_settings(each)
        add_state(each)
    add_output(compare)


def add_agent(commands: "Commands[Parser]") -> None:
    """`hostprobe agent`."""
    text = "scan on a schedule and after changes, and tell the journal what is new"
    parser = add(commands, "agent", text, AGENT)
    parser.add_argument("--root", metavar="DIR", default="/", help="root file system (default: /)")
    parser.add_argument("--no-live", action="store_true", help="do not look at running processes")
    parser.add_argument("--config", metavar="FILE", help="one httpd with this configuration file")
    parser.add_argument("--httpd", metavar="BINARY", help="the httpd binary")
    parser.add_argument("-v", "--verbose", action="store_true", help="where an error arose")
    add_settings(parser)
    add_state(parser)


def add_settings(parser: Parser) -> None:
    """Which settings hold."""
    parser.add_argument(
        "--settings", metavar="FILE", help="only this file instead of /etc/hostprobe/hostprobe.toml"
    )


def add_state(parser: Parser) -> None:
    """Where reports are looked for."""
    parser.add_argument("--state", metavar="DIR", help="the state directory")


def add_nagios(commands: "Commands[Parser]") -> None:
    """`hostprobe nagios`."""
    text = "judge the last report as a plugin of Nagios, Icinga or Naemon"
    parser = add(commands, "nagios", text, nagios.EPILOG)
    nagios.add_options(parser)


def add_output(parser: Parser, formats: tuple[str, ...] = ("text", "json")) -> None:
    """How to say it."""
    group = parser.add_argument_group("output")
    group.add_argument(
        "--format", metavar="FORMAT", choices=formats, default="text", help=", ".join(formats)
    )
    group.add_argument("--output", metavar="FILE", help="write to a file instead of stdout")
    group.add_argument("-v", "--verbose", action="store_true", help="more detail")


def process_id(text: str) -> int:
    """A number for --pid."""
    if not text.isdecimal() or not 0 < int(text[:12]) < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text!r} is not the number of a process")
    return int(text)


def count(text: str) -> int:
    """A small number for --restarts."""
    if not text.isdecimal() or int(text) > 100:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 100")
    return int(text)
