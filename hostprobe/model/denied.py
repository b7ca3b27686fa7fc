"""Why SELinux denies httpd something, and what cures it: the policy is asked, else a table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from hostprobe.facts.denial import SelinuxDenial
from hostprobe.facts.files import Files, Missing
from hostprobe.facts.selinux import Answer, Question, Verdict, Verdicts, asked
from hostprobe.model.known_booleans import known_booleans
from hostprobe.model.selinux import label_of, policy_files, type_of, usual_label, with_type

FILES = frozenset({"file", "dir", "lnk_file", "sock_file", "fifo_file", "chr_file", "blk_file"})
EXECUTING = frozenset({"execute", "execute_no_trans", "map", "execmod", "entrypoint"})
WRITING = frozenset(
    {"write", "append", "create", "add_name", "remove_name", "unlink", "rename", "setattr"}
    | {"link", "rmdir", "relabelto", "reparent", "lock"}
)
ENTRIES = frozenset({"add_name", "remove_name"})
"""Permissions of a directory whose record names the entry."""

HOMES = frozenset({"home_root_t", "user_home_dir_t"})
"""Types of /home and of home directories: other programs need them as they are."""

CONTENT = {
    "execute": ("lib_t", "httpd_sys_script_exec_t"),
    "write": ("httpd_sys_rw_content_t",),
    "read": ("httpd_sys_content_t",),
}
"""Need -> types that a policy has for it, the usual first."""

BROAD = frozenset({"", "/", "/usr", "/usr/lib", "/usr/lib64", "/etc", "/var", "/var/lib"}) | {
    "/home", "/root", "/srv", "/opt", "/run", "/var/www", "/var/log",
    "/tmp", "/var/tmp",  # noqa: S108  only compared
}  # fmt: skip
"""Directories that are never relabelled as a whole."""

SCRIPTING = ("httpd_builtin_scripting",)
"""What refpolicy wants besides the label where httpd itself writes: its scripts run inside it."""

TABLE = "hostprobe's own table"


@dataclass(frozen=True, slots=True)
class Cause:
    """Denials that have one reason and one cure."""

    source: str
    target: str
    """Context of the object, as denied."""

    kind: str
    """Object class; "files" for whatever has a path."""

    need: str
    """execute, write or read; "" for what is no file."""

    place: str
    """Directory of the paths, "" where none is known."""

    port: int | None


@dataclass(slots=True)
class Denied:
    """One cause with its records and what the policy says."""

    cause: Cause
    denials: list[SelinuxDenial] = field(default_factory=list)
    verdict: Verdict | None = None
    """None: no policy could be asked."""

    rung: str = TABLE
    """Who answered."""

    is_cured: bool = False
    """Today's policy and labels allow it."""

    usual: str | None = None
    """Context that restorecon would set, where that helps."""

    content: str | None = None
    """Type that a rule of semanage fcontext should give, where that helps."""

    content_boolean: str | None = None
    """Boolean that this type needs besides."""

    @property
    def path(self) -> str | None:
        """The path, or name, that was denied last."""
        return next((one.path for one in self.denials if one.path), None)

    @property
    def is_enforced(self) -> bool:
        """It was refused at least once; permissive mode only notes."""
        return any(one.is_enforced for one in self.denials)

    @property
    def permissions(self) -> tuple[str, ...]:
        """Of all records, in the order met."""
        return tuple(dict.fromkeys(name for one in self.denials for name in one.permissions))

    @property
    def booleans(self) -> tuple[str, ...]:
        """What the policy says helps; without it, the table."""
        if self.verdict is not None:
            return self.verdict.booleans
        first = self.denials[0]
        return known_booleans(first.kind, self.permissions, type_of(self.cause.target))

    def questions(self) -> Iterator[Question]:
        """One for each object class: may the same be done today."""
        for kind in dict.fromkeys(one.kind for one in self.denials):
            same = [one for one in self.denials if one.kind == kind]
            names = tuple(dict.fromkeys(name for one in same for name in one.permissions))
            hints = known_booleans(kind, names, type_of(self.cause.target))
            yield Question(self.cause.source, self.cause.target, kind, names, hints)


@dataclass(frozen=True, slots=True)
class SelinuxDenials:
    """What SELinux denied to httpd, by cause, on a host that has SELinux."""

    all: tuple[Denied, ...]
    logs: tuple[str, ...]
    """Paths that tell it."""


def causes(files: Files, denials: Iterable[SelinuxDenial], *, is_live: bool) -> tuple[Denied, ...]:
    """Each cause with its verdict, the newest first."""
    found: dict[Cause, Denied] = {}
    for one in denials:
        cause = cause_of(one)
        found.setdefault(cause, Denied(cause)).denials.append(one)
    judged = tuple(found.values())
    judge(files, judged, is_live=is_live)
    return judged


def cause_of(one: SelinuxDenial) -> Cause:
    """Of one denial: files of a directory that lack the same label are one cause."""
    is_file = one.kind in FILES
    place = ""
    if is_file and one.path and one.path.startswith("/"):
        is_place = one.kind == "dir" and not ENTRIES.intersection(one.permissions)
        place = one.path if is_place else one.path.rpartition("/")[0]
    return Cause(
        source=one.source,
        target=one.target,
        kind="files" if is_file else one.kind,
        need=need_of(one.permissions) if is_file else "",
        place=place,
        port=None if is_file else one.port,
    )


def need_of(permissions: Iterable[str]) -> str:
    """What a file must allow."""
    names = set(permissions)
    if names & EXECUTING:
        return "execute"
    return "write" if names & WRITING else "read"


def judge(files: Files, denied: Sequence[Denied], *, is_live: bool) -> None:
    """Put all questions to the first policy that answers, at once."""
    if not denied:
        return
    questions = [(one, question) for one in denied for question in one.questions()]
    reasons = []
    for policy in policy_files(files, is_live=is_live):
        text = asked(policy, tuple(question for _, question in questions), thorough=True)
        answers = files.read(text, Verdicts)
        if isinstance(answers, Missing):
            reasons.append(answers.reason)
            continue
        for (one, _), verdict in zip(questions, answers.all, strict=True):
            one.verdict = worse(one.verdict, verdict)
            one.rung = f"{policy}, asked through libsepol"
            one.is_cured = one.verdict.answer is Answer.ALLOWED
        relabel(files, policy, [one for one in denied if one.cause.kind == "files"])
        return
    reason = reasons[0] if reasons else "there is no policy in /etc/selinux"
    for one in denied:
        one.rung = f"{TABLE} ({reason})"
        is_content = one.cause.need and type_of(one.cause.target) not in HOMES
        one.content = CONTENT[one.cause.need][0] if is_content else None
        one.usual = usual_where_other(files, one)


def worse(one: Verdict | None, other: Verdict) -> Verdict:
    """Of the verdicts on two classes: the one that is not ALLOWED."""
    return other if one is None or one.answer is Answer.ALLOWED else one


def usual_where_other(files: Files, one: Denied) -> str | None:
    """The usual label of a path that had another one when it was denied."""
    usual = usual_label(files, one.path) if one.path and one.path.startswith("/") else None
    return None if usual is None or type_of(usual) == type_of(one.cause.target) else usual


def relabel(files: Files, policy: str, denied: Sequence[Denied]) -> None:
    """Which label would do: the one of today, the usual one, or one for such content."""
    trials = [(one, how, label) for one in denied for how, label in labels(files, one)]
    questions = tuple(
        Question(question.source, label, question.kind, question.permissions, SCRIPTING)
        for one, _, label in trials
        for question in one.questions()
    )
    if not questions:
        return
    answers = files.read(asked(policy, questions, thorough=False), Verdicts)
    if isinstance(answers, Missing):
        return
    verdicts = iter(answers.all)
    for one, how, label in trials:
        found = [next(verdicts) for _ in one.questions()]
        note(one, how, label, found)


def note(one: Denied, how: str, label: str, verdicts: Sequence[Verdict]) -> None:
    """What a label would do."""
    is_allowed = all(verdict.answer is Answer.ALLOWED for verdict in verdicts)
    booleans = {name for verdict in verdicts for name in verdict.booleans}
    if how == "today":
        one.is_cured = is_allowed
    elif how == "usual" and is_allowed:
        one.usual = label
    elif how == "content" and one.content is None and (is_allowed or booleans):
        one.content = type_of(label)
        one.content_boolean = min(booleans, default=None)


def labels(files: Files, one: Denied) -> Iterator[tuple[str, str]]:
    """Labels to try on the object."""
    path = one.path
    if path and path.startswith("/"):
        today = label_of(files, path)
        if today is not None and today != one.cause.target:
            yield "today", today
        if usual := usual_where_other(files, one):
            yield "usual", usual
    if type_of(one.cause.target) in HOMES:
        return
    for name in CONTENT[one.cause.need]:
        yield "content", with_type(one.cause.target, name)
