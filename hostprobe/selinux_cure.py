"""SELinux in words: why something was denied, and the commands that cure it."""

import re
from collections.abc import Iterator

from hostprobe.facts.selinux import Answer
from hostprobe.model.denied import BROAD, HOMES, Denied
from hostprobe.model.selinux import type_of

REASONS = {
    Answer.UNKNOWN: "This policy does not know the type, class or permission: it was another one.",
    Answer.ALLOWED: "Today's policy and labels allow it.",
    Answer.RULE: "No rule of the policy allows it.",
    Answer.CONSTRAINT: "A rule allows it, but the levels, categories or users do not fit.",
    Answer.ROLE: "The role may not.",
    Answer.BOUNDS: "The type that bounds the domain may not.",
}
MODULE = (
    "If the access is wanted, allow exactly it: `ausearch -m AVC,USER_AVC -ts recent | audit2allow "
    "-M local_httpd`, read local_httpd.te, then `semodule -i local_httpd.pp`."
)
CAPABILITIES = frozenset({"dac_override", "dac_read_search"})


def reason(one: Denied) -> str:
    """A sentence."""
    if one.is_cured:
        return REASONS[Answer.ALLOWED]
    if one.booleans:
        return f"The boolean {one.booleans[0]} is off."
    return (
        REASONS[one.verdict.answer] if one.verdict else "No rule of the usual policies allows it."
    )


def cures(one: Denied) -> tuple[str, ...]:
    """Commands for this host, the best first."""
    return () if one.is_cured else tuple(found(one)) or (MODULE,)


def found(one: Denied) -> Iterator[str]:
    """What helps, as far as the policy or the table says."""
    if one.verdict and one.verdict.answer is Answer.CONSTRAINT and one.path:
        yield f"restorecon -RFv {quoted(one.path)}"
        return
    if one.usual:
        yield f"restorecon -Rv {quoted(tree(one))}"
    yield from booleans(one)
    if type_of(one.cause.target) in HOMES and not one.booleans:
        yield "Move the application out of the home directory, and run restorecon on it there."
    is_named = one.path and one.path.startswith("/") and tree(one) not in BROAD
    if one.content and not one.usual and is_named:
        yield from relabel(tree(one), one.content)
        if one.content_boolean:
            yield f"setsebool -P {one.content_boolean} on"
    if "name_bind" in one.permissions and one.cause.port:
        yield from port(one)
    if CAPABILITIES & set(one.permissions):
        yield (
            "Make owner and mode of the file fit httpd's user: httpd asked to override them, "
            "which the policy need not allow."
        )


def booleans(one: Denied) -> Iterator[str]:
    """The narrowest first; the others are alternatives."""
    names = ranked(one.booleans) if one.verdict else one.booleans
    for number, name in enumerate(names):
        if number == 0:
            yield f"setsebool -P {name} on"
        else:
            yield f"Or, allowing more: setsebool -P {name} on"


def ranked(names: tuple[str, ...]) -> tuple[str, ...]:
    """Httpd's own first, and of these the longest name, which allows least."""
    known = sorted(names, key=lambda name: ("httpd" not in name, -len(name), name))
    return tuple(known[:3])


def relabel(place: str, name: str) -> Iterator[str]:
    """A rule for the path that survives the next relabelling, and the label now."""
    pattern = re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", place)
    yield f"semanage fcontext -a -t {name} '{pattern}(/.*)?'"
    yield f"restorecon -Rv {quoted(place)}"


def port(one: Denied) -> Iterator[str]:
    """A port that httpd may bind; -m where the policy has it for something else."""
    name = type_of(one.cause.target)
    is_free = name in {"unreserved_port_t", "reserved_port_t", "port_t", "ephemeral_port_t"}
    yield f"semanage port -{'a' if is_free else 'm'} -t http_port_t -p tcp {one.cause.port}"


def tree(one: Denied) -> str:
    """The directory of the paths; the path itself where that would be too much."""
    place = one.cause.place
    return place if place not in BROAD else one.path or place


def quoted(path: str) -> str:
    """For a shell."""
    return path if re.fullmatch(r"[\w@%+=:,./-]+", path) else "'" + path.replace("'", "'\\''") + "'"
