"""httpd's own DUMP_CONFIG and our configuration in one form: (depth, text, file, last line)."""

import difflib
import re
import subprocess

BINARY = "/usr/sbin/apache2"
INFO = "LoadModule info_module /usr/lib/apache2/modules/mod_info.so"

KNOWN = {
    "DefaultRuntimeDir": "executed while reading, so httpd's tree does not keep it; ours does",
    "ServerRoot": "executed while reading, so httpd's tree does not keep it; ours does",
    "in macro": "httpd counts the lines of the expanded body; ours are those of the file",
    "-c/-C directives": "httpd numbers them over both options; ours is line 0 of -C or -c",
    "</": "httpd prints a section without content as one line, and no line for an end",
}
"""Every difference that is taken out of the comparison, with the reason."""

MACRO = re.compile(r"macro '.*? of \"(?P<file>/[^\"]*)\"")


def command(start):
    """The dump needs mod_info, which is loaded in front."""
    words = [BINARY, "-d", start.server_root, "-f", start.config_file, "-C", INFO]
    for directive in start.before:
        words += ["-C", directive]
    for directive in start.after:
        words += ["-c", directive]
    for name in (*start.defines, "DUMP_CONFIG"):
        words += ["-D", name]
    return [*words, "-t"]


def run(start):
    """What `-t -D DUMP_CONFIG` prints."""
    environment = {"PATH": "/usr/sbin:/usr/bin:/bin", **(start.environment or {})}
    done = subprocess.run(
        command(start), env=environment, capture_output=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode("utf-8", "surrogateescape")


def dump(start):
    """Rows of httpd's own tree."""
    return list(rows_of_dump(run(start)))


def rows_of_dump(text):
    """A `#   12:` line announces the directive on the next line, `# In file:` its file."""
    file, line = None, None
    for written in text.split("\n"):
        body = written.lstrip(" ")
        depth = (len(written) - len(body)) // 2
        if body.startswith("# In file: "):
            file = body.removeprefix("# In file: ")
        elif match := re.fullmatch(r"# *(\d+):", body):
            line = int(match[1])
        elif body and line is not None:
            yield depth, normal(body), file, line
            line = None
        elif body.startswith("</"):
            yield depth, body.lower(), None, 0


def normal(text):
    """httpd prints the directive as its module spells it, and one blank behind it."""
    name, _, rest = text.partition(" ")
    return f"{name.lower()} {rest}".rstrip()


def rows_of_configuration(configuration):
    """The same rows from our tree; a section without content is printed as a single line."""
    return list(rows(configuration.directives, 0))


def rows(directives, depth):
    for directive in directives:
        if directive.name in KNOWN:
            continue
        where = directive.where
        yield depth, normal(f"{directive.name} {directive.raw}"), where.file, where.last
        if directive.children:
            yield from rows(directive.children, depth + 1)
            yield depth, f"</{directive.key[1:]}>", None, 0


def comparable(rows):
    """httpd counts lines inside of a macro and names its use; we keep the file's own lines."""
    for depth, text, file, line in rows:
        if file and (match := MACRO.match(file)):
            yield depth, text, match["file"], "in macro"
        elif file == "-c/-C directives":
            yield depth, text, "-c", 0
        else:
            yield depth, text, file, line


def ours_comparable(configuration):
    """Our rows, those from macro bodies without their line."""
    used = set(from_macros(configuration.directives))
    for row in rows_of_configuration(configuration):
        yield (*row[:3], "in macro") if row[2:] in used else row


def from_macros(directives):
    for directive in directives:
        if any(step.startswith("macro ") for step in directive.where.via[-1:]):
            yield directive.where.file, directive.where.last
        yield from from_macros(directive.children or ())


def differing(theirs, ours):
    """The lines of a unified diff that say what differs."""
    lines = difflib.unified_diff(list(map(repr, theirs)), list(map(repr, ours)), n=1, lineterm="")
    return (line for line in lines if not line.startswith(("---", "+++")))
