"""Paths that an application needs and whose label SELinux does not let httpd use."""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hostprobe.facts.denial import SelinuxDenial
from hostprobe.facts.files import Absent, Files, Missing, Stat, is_directory
from hostprobe.facts.selinux import Answer, Question, SelinuxMode, Verdicts, asked
from hostprobe.model.denied import BROAD, HOMES, Cause, Denied, judge
from hostprobe.model.instance import Application, Instance, PythonEnvironment, Topology
from hostprobe.model.selinux import domain_of, label_of, policy_files, selinux_mode, type_of

READ, SEARCH = ("read", "open", "getattr"), ("search",)
EXECUTE = ("read", "open", "getattr", "map", "execute")
USABLE = {
    READ: frozenset({"usr_t", "lib_t", "bin_t", "etc_t", "httpd_sys_content_t", "httpd_modules_t"}),
    SEARCH: frozenset(
        {"root_t", "usr_t", "lib_t", "bin_t", "etc_t", "var_t", "httpd_sys_content_t"}
    ),
    EXECUTE: frozenset({"lib_t", "bin_t", "textrel_shlib_t", "httpd_modules_t"}),
}
"""Types that every policy lets httpd use so: no policy has to be asked."""

UNUSABLE = frozenset(
    {"user_home_t", "user_home_dir_t", "admin_home_t", "default_t", "tmp_t", "user_tmp_t"}
    | {"unlabeled_t", "file_t", "home_root_t", "mnt_t", "etc_runtime_t"}
)
"""Types that none does without a boolean, for when no policy can be asked."""

Use = tuple[str, str, tuple[str, ...]]
"""Path, object class, permissions."""

Wanted = tuple[Use, str]
"""A use, and what it is a part of: "read" the script, "execute" an extension."""


@dataclass(frozen=True, slots=True)
class WrongLabel:
    """One label that httpd may not use so, with the paths that have it."""

    denied: Denied
    paths: tuple[str, ...]
    applications: tuple[str, ...]
    is_enforced: bool


@dataclass(frozen=True, slots=True)
class WrongLabels:
    """Of all instances, on a host with SELinux."""

    all: tuple[WrongLabel, ...]


def wrong_labels(
    files: Files, topology: Topology, logged: Iterable[SelinuxDenial], *, is_live: bool
) -> WrongLabels | Missing | Absent:
    """What the logs tell already is left to them; Absent where nothing has a label."""
    mode = selinux_mode(files, is_live=is_live)
    if not isinstance(mode, SelinuxMode):
        return mode
    known = {(type_of(one.target), one.path) for one in logged}
    found = []
    for instance in topology.instances:
        binary = instance.configuration.start.binary
        if label_of(files, binary) is None:
            return Absent(f"{binary} has no label: the files of this root are not labelled")
        found += groups(files, instance, known, is_live=is_live)
    judge(files, [one.denied for one in found], is_live=is_live)
    kept = (one for one in found if not one.denied.is_cured)
    return WrongLabels(tuple(replace(one, is_enforced=mode.enforcing) for one in kept))


def groups(
    files: Files, instance: Instance, known: set[tuple[str, str | None]], *, is_live: bool
) -> list[WrongLabel]:
    """Refused uses of one httpd, by label, need and tree."""
    users: dict[Use, list[str]] = {}
    needs: dict[Use, set[str]] = {}
    for application in instance.applications:
        for use, need in uses(files, instance, application):
            users.setdefault(use, []).append(application.name)
            needs.setdefault(use, set()).add(need)
    labels = {use: label_of(files, use[0]) for use in users}
    source = domain_of(files, instance)
    by_label: dict[tuple[str, str, str], list[Use]] = {}
    stopped = list(refused(files, source, labels, is_live=is_live))
    homes = [use[0] for use in stopped if type_of(labels[use] or "") in HOMES]
    for use in stopped:
        label = labels[use] or ""
        if any(use[0].startswith(f"{home}/") for home in homes):
            continue
        if (type_of(label), use[0]) not in known:
            by_label.setdefault((label, max(needs[use]), top(use[0])), []).append(use)
    return [
        wrong_label(source, label, need, wanted, users)
        for (label, need, _), wanted in by_label.items()
    ]


def wrong_label(
    source: str, label: str, need: str, wanted: Sequence[Use], users: dict[Use, list[str]]
) -> WrongLabel:
    """One group as what would be denied."""
    paths = tuple(path for path, _, _ in wanted)
    place = common_place(wanted)
    cause = Cause(source, label, "files", need, place, None)
    denials = [would_be_denied(source, label, use) for use in wanted]
    names = dict.fromkeys(name for use in wanted for name in users[use])
    return WrongLabel(Denied(cause, denials), paths, tuple(names), is_enforced=True)


def top(path: str) -> str:
    """The tree that a path belongs to: its highest directory that may be relabelled as a whole."""
    parts = path.split("/")
    heads = ("/".join(parts[:count]) for count in range(2, len(parts) + 1))
    return next((head for head in heads if head not in BROAD), path)


def common_place(wanted: Sequence[Use]) -> str:
    """The directory that holds all of the paths."""
    places = [path if kind == "dir" else posixpath.dirname(path) for path, kind, _ in wanted]
    return posixpath.commonpath(places)


def would_be_denied(source: str, label: str, use: Use) -> SelinuxDenial:
    """The record that there would be."""
    path, kind, permissions = use
    return SelinuxDenial(
        source=source,
        target=label,
        kind=kind,
        permissions=permissions,
        is_enforced=True,
        path=path,
        port=None,
        program=None,
        count=0,
        first=0.0,
        last=0.0,
    )


def uses(files: Files, instance: Instance, application: Application) -> Iterator[Wanted]:
    """What one application needs: its script, its environment, what it imports, its home."""
    yield from reached(files, application.script, READ, "read")
    environment = application.environment
    if isinstance(environment, PythonEnvironment):
        need = "execute" if application.reachable else "read"
        for path in (environment.home or "", *environment.search_path):
            if is_directory(files, path):
                yield from reached(files, path, SEARCH, need)
    for extension in application.reachable:
        yield from reached(files, extension.path, EXECUTE, "execute")
    for group in instance.process_groups:
        home = group.options.get("home", "")
        if group.name == application.process_group and is_directory(files, home):
            yield from reached(files, home, SEARCH, "read")


def reached(files: Files, path: str, permissions: tuple[str, ...], need: str) -> Iterator[Wanted]:
    """A path that exists, and the directories on the way to it, links followed."""
    stat = files.stat(path)
    if not isinstance(stat, Stat):
        return
    directory = posixpath.dirname(stat.real)
    while directory != "/":
        yield (directory, "dir", SEARCH), need
        directory = posixpath.dirname(directory)
    yield (stat.real, "dir" if permissions is SEARCH else "file", permissions), need


def refused(
    files: Files, source: str, labels: dict[Use, str | None], *, is_live: bool
) -> Iterator[Use]:
    """Uses that the policy refuses; without a policy, those of labels that none allows."""
    open_ends = {use: label for use, label in labels.items() if is_open(use, label)}
    questions = tuple(
        dict.fromkeys(
            Question(source, label or "", use[1], use[2]) for use, label in open_ends.items()
        )
    )
    answers = answered(files, questions, is_live=is_live) if questions else {}
    for use, label in open_ends.items():
        if answers is None:
            if type_of(label or "") in UNUSABLE:
                yield use
        elif answers[Question(source, label or "", use[1], use[2])] in REFUSALS:
            yield use


REFUSALS = frozenset({Answer.RULE, Answer.CONSTRAINT, Answer.ROLE, Answer.BOUNDS})


def is_open(use: Use, label: str | None) -> bool:
    """Its label is known, and is not one that is always fine."""
    return label is not None and type_of(label) not in USABLE[use[2]]


def answered(
    files: Files, questions: tuple[Question, ...], *, is_live: bool
) -> dict[Question, Answer] | None:
    """What the first policy that answers says; None: none does."""
    for policy in policy_files(files, is_live=is_live):
        answers = files.read(asked(policy, questions, thorough=False), Verdicts)
        if isinstance(answers, Verdicts):
            pairs = zip(questions, answers.all, strict=True)
            return {question: verdict.answer for question, verdict in pairs}
    return None
