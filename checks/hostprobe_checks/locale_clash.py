"""Check: applications of one process want different locales."""

from collections.abc import Iterator

from hostprobe.check import Certainty, Finding, Severity, check
from hostprobe.model.python.doing import Applications
from hostprobe.model.sharing.locales import LocaleClash, LocaleWish, find_locale_clashes, normal
from hostprobe.model.sharing.processes import shared_processes
from hostprobe.model.sharing.separation import separation_by

REFERENCES = (
    "https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",
    "https://docs.python.org/3/library/locale.html",
)
MAX_SHOWN = 20


@check(Severity.medium, REFERENCES)
def locale_clash(applications: Applications) -> Iterator[Finding]:
    """Applications of one process want different locales: the last one loaded sets it for all.

    Why it matters
    --------------
    The locale belongs to the process, and so do LANG and the LC_ variables once they are given to
    child processes or to setlocale(category, ""). After a second application has set its own, the
    first one formats numbers and dates, sorts, translates and encodes by rules that it did not
    choose, in those processes that have served a request for the second.

    Example
    -------
    One script calls locale.setlocale(locale.LC_ALL, "de_DE.UTF-8"), another one "en_US.UTF-8":
    locale.atof("1,5") of the first is 1.5 in one process and 15.0 in another.

    Remedy
    ------
    Give each locale a daemon process group of its own, with its lang= and locale= options; the
    finding prints the directives. Or format with a library that takes the locale as an argument
    (Babel). Restart httpd. Afterwards `hostprobe scan --select locale-clash` is silent.

    Not found by this check
    -----------------------
    Locales that only the running program knows; setlocale() in functions of imported modules;
    applications that rely on the locale they were started with and say nothing.

    References
    ----------
    setlocale(3), locale(7); Python's locale module; mod_wsgi documentation, Application Issues and
    WSGIDaemonProcess (lang, locale).
    """
    for instance in applications.instances:
        for process in shared_processes(instance):
            for clash in find_locale_clashes(applications, process):
                yield finding(clash)


def finding(clash: LocaleClash) -> Finding:
    """One process, with every application that has a choice."""
    first, second, *more = clash.locales
    others = f" and {len(more)} more" if more else ""
    shown = clash.wishes[:MAX_SHOWN]
    places = [choice.where.rpartition(":")[0] for choice in clash.chosen()]
    wanted = ((locales(wish, clash), wish.member.application) for wish in clash.wishes)
    return Finding(
        subject=f"{clash.process.subject}/locale",
        title=(
            f"In {clash.process.title} applications set the locale to {first} and {second}{others}"
            ": the one that is loaded last sets it for all"
        ),
        severity=Severity.medium,
        certainty=Certainty.certain if clash.is_sure else Certainty.likely,
        detail=(
            f"They differ in {', '.join(clash.categories)}. setlocale() and the environment work "
            "on the whole process, whichever interpreter changes them."
        ),
        affected=tuple(wish.member.application.name for wish in clash.wishes),
        evidence={
            "process": clash.process.title,
            "categories": list(clash.categories),
            "set": [row(wish, clash) for wish in shown],
            "set_by": len(clash.wishes),
            "repeat": f"grep -nE 'setlocale|LC_|LANG' {' '.join(dict.fromkeys(places))}",
        },
        remedy=(*separation_by(clash.process.instance, wanted), "Restart httpd."),
    )


def locales(wish: LocaleWish, clash: LocaleClash) -> tuple[str, ...]:
    """What it chooses for each of the categories."""
    return tuple(
        normal(wish.choices[each].locale) if each in wish.choices else ""
        for each in clash.categories
    )


def row(wish: LocaleWish, clash: LocaleClash) -> dict[str, str]:
    """Its first choice."""
    choice = next(wish.choices[each] for each in clash.categories if each in wish.choices)
    return {
        "application": wish.member.application.name,
        "locale": choice.locale,
        "by": choice.by,
        "where": choice.where,
    }
