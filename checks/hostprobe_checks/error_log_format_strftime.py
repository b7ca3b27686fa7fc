"""Check: the error log does not show the time that its format asks for."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Directive
from hostprobe.model.httpd.drivers import walk
from hostprobe.model.httpd.error_log import (
    FORMAT,
    has_strftime,
    is_nonsense,
    quoted,
    time_items,
    with_arguments,
)
from hostprobe.model.instance import Instance, PythonTopology

REFERENCES = ("https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat",)


@check(Severity.low, REFERENCES)
def error_log_format_strftime(topology: PythonTopology) -> Iterator[Finding]:
    """The error log does not show the time that ErrorLogFormat asks for.

    Why it matters
    --------------
    The letters c, u and z in %{...}t ask for the compact form, for microseconds and for the offset
    from UTC. Since httpd 2.4.58 a percent sign among them turns the argument into a format of
    strftime: %c becomes the date of the locale, the other letters stay letters. Before 2.4.58 z and
    every strftime format are ignored without a word. Either way the log lacks what was asked for,
    and nobody notices before lines of several hosts or zones have to be put in order.

    Example
    -------
    `ErrorLogFormat "[%{%cuz}t] %M"` writes `[Fri Nov 27 05:56:06 2026uz]` instead of
    `[2026-11-27 05:56:06.123456 +0000]`.

    Remedy
    ------
    Write the letters without a percent sign, %{cuz}t; the finding prints the whole directive.
    Reload httpd and look at the next line of the log. Afterwards `hostprobe scan --select
    error-log-format-strftime` is silent.

    Not found by this check
    -----------------------
    Formats of access logs (LogFormat), where %{...}t has other rules; strftime formats that are
    valid and still not what was meant.

    References
    ----------
    httpd's server/log.c (log_ctime) of 2.4.57 and 2.4.58; Apache documentation, ErrorLogFormat.
    """
    for instance in topology.instances:
        knows = has_strftime(instance.build)
        if knows is None:
            continue
        for directive in walk(instance.configuration.directives):
            if directive.key == FORMAT and directive.args:
                yield from judged(instance, directive, strftime=knows)


def judged(instance: Instance, directive: Directive, *, strftime: bool) -> Iterator[Finding]:
    """One finding for a directive with at least one such time."""
    *kind, text = directive.args
    asked = [item.argument or "" for item in time_items(text)]
    corrected = [correct(argument, strftime=strftime) for argument in asked]
    faults = [a for a, b in zip(asked, corrected, strict=True) if a != b]
    if faults:
        line = with_arguments(text, corrected)
        words = " ".join([directive.name, *kind, f"{quoted(line)}"])
        yield finding(instance, directive, faults, words, strftime=strftime)


def correct(argument: str, *, strftime: bool) -> str:
    """What this release makes of it as it was meant."""
    if strftime:
        return argument.replace("%", "") if is_nonsense(argument) else argument
    if "%" in argument:
        return "".join(letter for letter in "cu" if letter in argument) or "c"
    return argument.replace("z", "")


def finding(
    instance: Instance, directive: Directive, faults: list[str], line: str, *, strftime: bool
) -> Finding:
    """One directive."""
    shown = " and ".join(f"%{{{argument}}}t" for argument in dict.fromkeys(faults))
    version = None if isinstance(instance.build, Missing) else instance.build.version
    if strftime:
        harm = "prints letters instead of the time"
        detail = "A percent sign makes the argument a strftime format: the letters stay letters."
    else:
        harm = f"is not known to httpd {version}, which ignores it"
        detail = "The letter z and strftime formats came with httpd 2.4.58."
    return Finding(
        subject=f"directive:{directive.where}",
        title=f"{shown} in {directive.name} {harm}",
        severity=Severity.low,
        certainty=Certainty.certain,
        detail=detail,
        affected=(instance.name,),
        evidence={
            "where": str(directive.where),
            "format": directive.args[-1],
            "times": faults,
            "httpd": version,
            "repeat": f"sed -n {directive.where.first}p {directive.where.file}",
        },
        remedy=(
            f"{directive.where}: {line}",
            *(() if strftime else ("Or upgrade httpd to 2.4.58 or later.",)),
            "Reload httpd.",
        ),
        identity=tuple(faults),
    )
