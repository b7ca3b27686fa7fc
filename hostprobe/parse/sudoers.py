"""sudoers files (sudoers(5); plugins/sudoers/toke.l and gram.y of sudo 1.9)."""

import re
from collections.abc import Callable, Iterator

from hostprobe.facts.sudoers import (
    Alias,
    CommandRule,
    Defaults,
    Member,
    Rule,
    Setting,
    Statement,
    Sudoers,
    SudoersInclude,
)

MAX_STATEMENTS = 20_000
MAX_LINE = 1 << 20
"""Bytes of one statement with its continuation lines."""

INCLUDE = re.compile(
    r"""[ \t]*[@\#]include(?P<dir>dir)?[ \t]+
    (?:"(?P<quoted>(?:[^"\\\n]|\\.)+)"|(?P<plain>(?:[^\s"\\]|\\.)+))[ \t]*(?:\#.*)?""",
    re.VERBOSE,
)
BEFORE_COMMENT = re.compile(
    r"""(?:\\.|"(?:[^"\\]|\\.)*"|\#-?[0-9]|[^#\\"]|"|\\$)*""", re.VERBOSE | re.DOTALL
)
REST_OF_QUOTES = re.compile(r'(?:[^"\\]|\\.)*"')
ALIAS = re.compile(r"(User|Host|Runas|Cmnd|Cmd)_Alias[ \t]+")
ALIAS_NAME = re.compile(r"[A-Z][A-Z0-9_]*")
DEFAULTS = re.compile(r"Defaults(?:([:@>!])[ \t]*|(?=[ \t]))")
SETTING = re.compile(r"(?P<no>!*)[ \t]*(?P<name>[a-z_]+)(?:[ \t]*(?P<operator>[+-]?=)[ \t]*)?")
VALUE = re.compile(r'(?P<quoted>"(?:[^"\\]|\\.)*")|(?P<plain>(?:[^#=,\s\\"]|\\.)+)', re.DOTALL)
NEGATION = re.compile(r"(?:![ \t]*)*")
WORD = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)+")
    |(?P<plain>[%+]?:?(?:\#-?[0-9]+|(?:[^\#>!=:,()\s\\"]|\\[^\t\n])+))""",
    re.VERBOSE,
)
HOST = re.compile(
    r"""(?P<quoted>"(?:[^"\\]|\\.)+")
    |(?P<plain>[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}(?:[0-9.]+)?(?:/[0-9a-fA-F:.]+)?
    |(?:[^\#>!=:,()\s\\"]|\\[^\t\n])+)""",
    re.VERBOSE,
)
DIGEST = re.compile(r"sha(?:224|256|384|512)[ \t]*:[ \t]*[0-9A-Za-z+/=]+[ \t]*,?[ \t]*")
COMMAND = re.compile(
    r"""(?P<name>ALL(?![A-Za-z0-9_])|\^(?:[^\#\s\\]|\\[^\r\n])+?\$(?=[\s,:]|$)|/(?:\\.|[^,:=\\\s\#])*
    |sudoedit(?![A-Za-z0-9_])|list(?![A-Za-z0-9_])|[A-Z][A-Z0-9_]*)""",
    re.VERBOSE,
)
REGEX_ARGUMENTS = re.compile(r"[ \t]+(\^(?:[^#\r\n\\]|\\[^\r\n])*?\$)[ \t]*(?=[,:]|$)")
ARGUMENTS = re.compile(r"[ \t]+((?:\\.|[^\\,:#\n])+)")
ESCAPED = re.compile(r"\\([,:= \t#\\])")
TAG = re.compile(
    r"((?:NO)?(?:PASSWD|EXEC|SETENV|LOG_INPUT|LOG_OUTPUT|MAIL|FOLLOW|INTERCEPT))[ \t]*:[ \t]*"
)
OPTION = re.compile(
    r"""(?:ROLE|TYPE|PRIVS|LIMITPRIVS|APPARMOR_PROFILE|NOTBEFORE|NOTAFTER|TIMEOUT|CWD|CHROOT)
    [ \t]*=[ \t]*(?:"[^"]*"|(?:[^,\s"\\]|\\.)+)[ \t]*""",
    re.VERBOSE,
)
BLANK = re.compile(r"[ \t]*")


class NotUnderstoodError(ValueError):
    """A statement that does not follow the grammar."""


def parse_sudoers(data: bytes) -> Sudoers:
    """Every statement; one that is not understood is listed and the rest still read."""
    statements: list[Statement] = []
    unread: list[tuple[int, str]] = []
    for line, text in logical_lines(data.decode("utf-8", "surrogateescape")):
        if len(statements) >= MAX_STATEMENTS:
            unread.append((line, f"more than {MAX_STATEMENTS} statements"))
            break
        try:
            statements.extend(statements_of(text, line))
        except NotUnderstoodError as error:
            unread.append((line, str(error)))
    return Sudoers(tuple(statements), tuple(unread))


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(first line, text) with continuation lines joined, without comments and blank lines.

    A continuation separates words, but not inside quotes.
    """
    parts: list[str] = []
    first = size = 0
    in_quotes = False
    for number, raw in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        if not parts and not raw:
            continue
        if not parts:
            first, size, in_quotes = number, 0, False
            if INCLUDE.fullmatch(raw):
                yield number, raw.strip()
                continue
        piece = raw.lstrip(" \t") if parts else raw
        code = uncommented(piece, in_quotes=in_quotes)
        in_quotes ^= is_quoted(code)
        size += len(piece)
        if code == piece and continues(raw) and size < MAX_LINE:
            parts.append(piece[:-1] + ("" if in_quotes else " "))
            continue
        if whole := "".join((*parts, code)).strip():
            yield first, whole
        parts.clear()
    if whole := "".join(parts).strip():
        yield first, whole


def is_quoted(text: str) -> bool:
    """It ends inside of quotes."""
    return (text.count('"') - text.count('\\"')) % 2 == 1


def continues(raw: str) -> bool:
    """An odd number of backslashes ends it."""
    return (len(raw) - len(raw.rstrip("\\"))) % 2 == 1


def uncommented(text: str, *, in_quotes: bool) -> str:
    """Up to a # that begins a comment: not quoted, not escaped, not before a number."""
    if "#" not in text:
        return text
    closing = REST_OF_QUOTES.match(text) if in_quotes else None
    if in_quotes and closing is None:
        return text
    match = BEFORE_COMMENT.match(text, closing.end() if closing else 0)
    return text[: match.end()] if match else text


def statements_of(text: str, line: int) -> Iterator[Statement]:
    """What one logical line says."""
    include = INCLUDE.fullmatch(text)
    if include:
        path = plain(include["quoted"] or include["plain"])
        yield SudoersInclude(path, include["dir"] is not None, line)
        return
    cursor = Cursor(text)
    if match := cursor.take(DEFAULTS):
        yield defaults(cursor, match[1] or "", line)
    elif match := cursor.take(ALIAS):
        kind = "Cmnd" if match[1] == "Cmd" else match[1]
        yield from aliases(cursor, f"{kind}_Alias", line)
    else:
        yield from rules(cursor, line)


class Cursor:
    """A place in one logical line."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What stands here and fits; the cursor moves behind it."""
        match = pattern.match(self.text, self.place)
        if match:
            self.place = match.end()
        return match

    def needs(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """The same; NotUnderstoodError where it does not fit."""
        match = self.take(pattern)
        if match is None:
            raise NotUnderstoodError(f"{what} expected at {self.text[self.place :][:40]!r}")
        return match

    def takes(self, sign: str) -> bool:
        """The sign stands here, blanks before and behind it left out."""
        self.take(BLANK)
        if not self.text.startswith(sign, self.place):
            return False
        self.place += len(sign)
        self.take(BLANK)
        return True

    @property
    def is_at_end(self) -> bool:
        """Nothing more."""
        self.take(BLANK)
        return self.place == len(self.text)


Read = Callable[[Cursor], Member]


def listed(cursor: Cursor, read: Read) -> tuple[Member, ...]:
    """One or more, commas between them."""
    found = [read(cursor)]
    while cursor.takes(","):
        found.append(read(cursor))
    return tuple(found)


def negated(cursor: Cursor) -> bool:
    """Two exclamation marks are none."""
    match = cursor.take(NEGATION)
    return match is not None and match[0].count("!") % 2 == 1


def user(cursor: Cursor) -> Member:
    """A user, group, netgroup, number or alias; quotes may stand around the name."""
    is_negated = negated(cursor)
    match = cursor.needs(WORD, "a user")
    return Member(unquoted(match), is_negated)


def host(cursor: Cursor) -> Member:
    """A name, address, network, netgroup or alias."""
    is_negated = negated(cursor)
    match = cursor.needs(HOST, "a host")
    return Member(unquoted(match), is_negated)


def command(cursor: Cursor) -> Member:
    """A command with its arguments; digests in front of it are left out."""
    while cursor.take(DIGEST):
        continue
    is_negated = negated(cursor)
    name = cursor.needs(COMMAND, "a command")["name"]
    text = name if name.startswith("^") else ESCAPED.sub(r"\1", name)
    if name.startswith(("/", "^")) or name in {"sudoedit", "list"}:
        text += arguments(cursor)
    return Member(text, is_negated)


def arguments(cursor: Cursor) -> str:
    """With one blank before each; "" without any."""
    if match := cursor.take(REGEX_ARGUMENTS):
        return f" {match[1]}"
    match = cursor.take(ARGUMENTS)
    words = ESCAPED.sub(r"\1", match[1]).split() if match else []
    return "".join(f" {word}" for word in words)


def defaults(cursor: Cursor, scope: str, line: int) -> Defaults:
    """Behind the word Defaults and the sign of its scope."""
    members: tuple[Member, ...] = ()
    if scope:
        members = listed(cursor, {"@": host, "!": bare_command}.get(scope, user))
    settings = [setting(cursor)]
    while cursor.takes(","):
        settings.append(setting(cursor))
    if not cursor.is_at_end:
        raise NotUnderstoodError(f"a comma expected at {cursor.text[cursor.place :][:40]!r}")
    return Defaults(scope, members, tuple(settings), line)


def bare_command(cursor: Cursor) -> Member:
    """A command of a Defaults line: its arguments would be settings."""
    is_negated = negated(cursor)
    return Member(ESCAPED.sub(r"\1", cursor.needs(COMMAND, "a command")["name"]), is_negated)


def setting(cursor: Cursor) -> Setting:
    """A flag, or a name with its value."""
    cursor.take(BLANK)
    match = cursor.needs(SETTING, "a setting")
    is_negated = len(match["no"]) % 2 == 1
    if not match["operator"]:
        return Setting(match["name"], "!" if is_negated else "")
    return Setting(match["name"], match["operator"], unquoted(cursor.needs(VALUE, "a value")))


def aliases(cursor: Cursor, kind: str, line: int) -> Iterator[Alias]:
    """`NAME = list : NAME = list`."""
    read = {"Host_Alias": host, "Cmnd_Alias": command}.get(kind, user)
    while True:
        name = cursor.needs(ALIAS_NAME, "the name of an alias")[0]
        if not cursor.takes("="):
            raise NotUnderstoodError(f"= expected behind {name}")
        yield Alias(kind, name, listed(cursor, read), line)
        if not cursor.takes(":"):
            break
    if not cursor.is_at_end:
        raise NotUnderstoodError(f"the end expected at {cursor.text[cursor.place :][:40]!r}")


def rules(cursor: Cursor, line: int) -> Iterator[Rule]:
    """`users hosts = commands : hosts = commands`."""
    users = listed(cursor, user)
    found = []
    while True:
        cursor.take(BLANK)
        hosts = listed(cursor, host)
        if not cursor.takes("="):
            raise NotUnderstoodError(f"= expected at {cursor.text[cursor.place :][:40]!r}")
        found.append(Rule(users, hosts, tuple(command_rules(cursor)), line))
        if not cursor.takes(":"):
            break
    if not cursor.is_at_end:
        raise NotUnderstoodError(f"the end expected at {cursor.text[cursor.place :][:40]!r}")
    yield from found


def command_rules(cursor: Cursor) -> Iterator[CommandRule]:
    """Each command takes over the target users and tags of the one on its left."""
    users: tuple[Member, ...] | None = None
    groups: tuple[Member, ...] | None = None
    tags: tuple[str, ...] = ()
    while True:
        if cursor.takes("("):
            users, groups = runas(cursor)
        while cursor.take(OPTION):
            continue
        while match := cursor.take(TAG):
            tags = (*(one for one in tags if base(one) != base(match[1])), match[1])
        yield CommandRule(command(cursor), users, groups, tags)
        if not cursor.takes(","):
            return


def base(tag: str) -> str:
    """PASSWD and NOPASSWD are values of one tag."""
    return tag.removeprefix("NO")


def runas(cursor: Cursor) -> tuple[tuple[Member, ...] | None, tuple[Member, ...] | None]:
    """Behind the opening bracket: target users, target groups; () is the user himself."""
    users: tuple[Member, ...] | None = ()
    groups: tuple[Member, ...] | None = None
    if not cursor.text.startswith((":", ")"), cursor.place):
        users = listed(cursor, user)
    if cursor.takes(":"):
        is_bare = users == () and cursor.text.startswith(")", cursor.place)
        groups = () if is_bare else listed(cursor, user)
    if not cursor.takes(")"):
        raise NotUnderstoodError(f") expected at {cursor.text[cursor.place :][:40]!r}")
    return users, groups


def unquoted(match: re.Match[str]) -> str:
    """A word; inside of quotes a backslash only escapes a quote."""
    if match["quoted"] is None:
        return plain(match["plain"])
    return match["quoted"][1:-1].replace('\\"', '"')


def plain(text: str) -> str:
    """Without the backslashes of escapes."""
    return re.sub(r"\\(.)", r"\1", text)
