"""One small builder: configuration files as text, evaluated over a host in memory."""

from hostprobe.facts.httpd import HttpdBuild, HttpdStart, ModuleStructure, ModuleStructures
from hostprobe.model.httpd.evaluate import evaluate
from tests.model.memory_files import MemoryFiles

BUILD = HttpdBuild("2.4.57", "/e", "main.conf", ("core_module", "so_module", "version_module"))
CORE = (
    "<Directory", "<DirectoryMatch", "<Files", "<Location", "<VirtualHost", "<If", "<ElseIf",
    "<Else", "ServerName", "ServerAdmin", "ServerAlias", "Listen", "Error", "Options", "A", "B",
    "<A", "<B", "ServerRoot", "DefaultRuntimeDir",
)  # fmt: skip


def module(symbol, source=None, directives=()):
    """The content of a module's file."""
    source = source or f"mod_{symbol.removesuffix('_module')}.c"
    return (ModuleStructures((ModuleStructure(symbol, source, tuple(directives)),)),)


HOST = {
    "/bin/httpd": (
        BUILD,
        ModuleStructures(
            (
                ModuleStructure("core_module", "core.c", CORE),
                ModuleStructure("so_module", "mod_so.c", ("LoadModule", "LoadFile")),
                ModuleStructure("version_module", "mod_version.c", ("<IfVersion",)),
            )
        ),
    ),
    "/e/m/x.so": module("x_module", directives=("X", "<XSection")),
    "/e/m/event.so": module("mpm_event_module", "event.c"),
    "/e/m/macro.so": module("macro_module", directives=("<Macro", "Use", "UndefMacro")),
}
MACRO = "LoadModule macro_module m/macro.so\n"


def read(text, more=None, *, links=(), build=BUILD, **start):
    """The configuration of /e/main.conf with that text and more files."""
    files = MemoryFiles({**HOST, "/e/main.conf": text, **(more or {})}, links)
    options = {"environment": {}, **start}
    return evaluate(files, HttpdStart("/bin/httpd", "main.conf", "/e", **options), build)


def shown(directives):
    """Directives as nested text: `Name arguments` or [`<Name arguments`, ...]."""
    return [one(directive) for directive in directives]


def one(directive):
    text = " ".join([directive.name, *directive.args])
    if directive.children is None:
        return text
    return [text, *shown(directive.children)]


def fatal(configuration):
    return [problem.message for problem in configuration.problems if problem.fatal]


def messages(configuration):
    return [problem.message for problem in configuration.problems]
