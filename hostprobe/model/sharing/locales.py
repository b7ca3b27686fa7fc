"""Which locale applications want their process to have (setlocale(3), locale(7)).

The locale belongs to the process. setlocale(category, "") takes it from LC_ALL, else from the
category's own variable, else from LANG.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from hostprobe.facts.acts import Call, Items, Named, Value
from hostprobe.model.instance import ProcessGroup
from hostprobe.model.python.doing import Applications
from hostprobe.model.python.own_module import Reached
from hostprobe.model.sharing.processes import SharedProcess
from hostprobe.model.sharing.variables import Member, members

VARIABLES = frozenset({"LANG", "LANGUAGE"})
ALL = "LC_ALL"
CATEGORIES = (
    "LC_COLLATE",
    "LC_CTYPE",
    "LC_MESSAGES",
    "LC_MONETARY",
    "LC_NUMERIC",
    "LC_TIME",
)


def is_locale_variable(name: str) -> bool:
    """An environment variable that setlocale(3) or gettext(3) looks at."""
    return name in VARIABLES or name.startswith("LC_")


class Choice(NamedTuple):
    """A locale for one category."""

    locale: str
    where: str
    by: str
    """"setlocale", the variable, or the option of WSGIDaemonProcess."""

    is_sure: bool


Choices = Mapping[str, Choice]
"""Category -> choice."""


@dataclass(frozen=True, slots=True)
class LocaleWish:
    """What one application chooses."""

    member: Member
    choices: Choices


@dataclass(frozen=True, slots=True)
class LocaleClash:
    """Applications of one process that choose different locales for the same categories."""

    process: SharedProcess
    categories: tuple[str, ...]
    wishes: tuple[LocaleWish, ...]
    """Only those with a choice for one of these categories."""

    @property
    def locales(self) -> tuple[str, ...]:
        """The different ones, in the order of the configuration."""
        names: dict[str, str] = {}
        for choice in self.chosen():
            names.setdefault(normal(choice.locale), choice.locale)
        return tuple(names.values())

    @property
    def is_sure(self) -> bool:
        """Every one of them is set by setlocale, always."""
        return all(one.is_sure and one.by == "setlocale" for one in self.chosen())

    def chosen(self) -> Iterator[Choice]:
        """Every choice for these categories."""
        for wish in self.wishes:
            yield from (wish.choices[each] for each in self.categories if each in wish.choices)


def normal(locale: str) -> str:
    """`de_DE.UTF-8` and `de_DE.utf8` are one, so are `POSIX` and `C`."""
    name, dot, codeset = locale.partition(".")
    charset, at, modifier = codeset.partition("@")
    charset = charset.lower().replace("-", "")
    return f"{'C' if name == 'POSIX' else name}{dot}{charset}{at}{modifier}"


def find_locale_clashes(
    applications: Applications, process: SharedProcess
) -> Iterator[LocaleClash]:
    """None or one."""
    environment = process.instance.configuration.start.environment
    groups = {group.name: group for group in process.instance.process_groups}
    group = groups.get(process.group or "")
    inherited = environment_of(environment or {}, group)
    found: dict[tuple[str, int], Choices] = {}
    wishes = []
    for member in members(applications, process):
        key = (member.application.script, id(member.application.own))
        if key not in found:
            calls = tuple(setlocale_calls(applications, member))
            known = inherited if environment is not None else None
            found[key] = choices(member, calls, given_by(group), known)
        wishes.append(LocaleWish(member, found[key]))
    yield from clash_of(process, wishes)


def clash_of(process: SharedProcess, wishes: list[LocaleWish]) -> Iterator[LocaleClash]:
    """Categories for which somebody chooses another locale than somebody else."""
    locales: dict[str, set[str]] = {}
    for wish in wishes:
        for category, choice in wish.choices.items():
            locales.setdefault(category, set()).add(normal(choice.locale))
    categories = tuple(each for each in CATEGORIES if len(locales.get(each, ())) > 1)
    hit = tuple(wish for wish in wishes if any(each in wish.choices for each in categories))
    if hit:
        yield LocaleClash(process, categories, hit)


def environment_of(environment: Mapping[str, str], group: ProcessGroup | None) -> dict[str, str]:
    """Of a process before an application is loaded: a daemon sets LANG and LC_ALL by options."""
    options = group.options if group else {}
    pairs = (("LANG", options.get("lang")), (ALL, options.get("locale")))
    return {**environment, **{name: value for name, value in pairs if value}}


def given_by(group: ProcessGroup | None) -> dict[str, Choice]:
    """What locale= of a daemon sets for all: everybody who chooses nothing else wants that."""
    locale = group.options.get("locale") if group else None
    if group is None or not locale:
        return {}
    choice = Choice(locale, str(group.where), "locale=", is_sure=True)
    return dict.fromkeys(CATEGORIES, choice)


def setlocale_calls(applications: Applications, member: Member) -> Iterator[tuple[Call, str]]:
    """Calls that change the locale, with their file; of functions only those of the script."""
    for doing in applications.starting(member.application):
        for call in doing.acts.calls:
            runs = call.place.at_import or doing.module.reached is Reached.SCRIPT
            if call.name in {"locale.setlocale", "locale.resetlocale"} and runs:
                yield call, doing.path


def choices(
    member: Member,
    calls: tuple[tuple[Call, str], ...],
    given: Choices,
    inherited: Mapping[str, str] | None,
) -> Choices:
    """What is given, then variables, then calls; `inherited` is None where it is not known."""
    by_variable = from_variables(member, inherited or {})
    result = {**given, **by_variable}
    for call, path in calls:
        where = f"{path}:{call.place.line}"
        is_sure = call.place.at_import and not call.place.is_conditional
        for category in categories_of(call):
            locale = locale_of(call)
            if locale == "":
                locale = from_environment(category, by_variable, inherited)
            if locale is None:
                result.pop(category, None)
            elif locale is not QUERY:
                result[category] = Choice(str(locale), where, "setlocale", is_sure)
    return result


QUERY = Named("setlocale(category)")
"""A call that only asks."""


def locale_of(call: Call) -> str | Named | None:
    """The locale that a call names; "" is that of the environment; None: unknown."""
    if call.name == "locale.resetlocale":
        return ""
    value: Value = dict(call.keywords).get("locale", call.args[1] if len(call.args) > 1 else None)
    match value:
        case None:
            return QUERY
        case str():
            return value
        case Items(items=(str() as name, str() as codeset)):
            return f"{name}.{codeset}"
    return None


def categories_of(call: Call) -> tuple[str, ...]:
    """Which categories it sets; none where that is unknown."""
    category = call.args[0] if call.args else dict(call.keywords).get("category", Named(ALL))
    name = category.name.removeprefix("locale.") if isinstance(category, Named) else ""
    return CATEGORIES if name == ALL else tuple(each for each in CATEGORIES if each == name)


def from_environment(
    category: str, by_variable: Choices, inherited: Mapping[str, str] | None
) -> str | None:
    """What setlocale(category, "") gives; None: unknown."""
    if category in by_variable:
        return by_variable[category].locale
    if inherited is None:
        return None
    return next((inherited[each] for each in (ALL, category, "LANG") if inherited.get(each)), "C")


def from_variables(member: Member, inherited: Mapping[str, str]) -> dict[str, Choice]:
    """Categories whose variable the application sets, the stronger variable first."""
    result = {}
    for category in CATEGORIES:
        for variable in (ALL, category, "LANG"):
            wish = member.wishes.get(variable)
            is_idle = wish is None or (wish.is_default and variable in inherited)
            if wish is not None and not is_idle:
                if wish.value:
                    result[category] = Choice(wish.value, wish.where, variable, wish.is_sure)
                    break
            elif inherited.get(variable):
                break
    return result
