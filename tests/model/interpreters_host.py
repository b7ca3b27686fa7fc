"""Instances whose applications share processes and interpreters; extensions as literal facts."""

from dataclasses import replace

from hostprobe.facts.extension import ExtensionTexts, ModuleDefinitions
from hostprobe.facts.httpd import HttpdStart, Where
from hostprobe.facts.package import Owner
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.instance import Extension, ProcessGroup
from hostprobe.model.interpreters import Interpreters
from hostprobe.model.python.own_module import OwnModule, Reached
from tests.model.linked_host import CONFIG, instance, thing
from tests.model.memory_files import MemoryFiles

PACKAGES = "/venv/lib/python3.11/site-packages"
MULTI, SINGLE = ("PyModuleDef_Init",), ("PyModule_Create2",)
CYTHON = "Interpreter change detected - this module can only be loaded into one interpreter"


def extension(module, *, stdlib=False):
    """An extension module by its dotted name."""
    return Extension(module, f"{PACKAGES}/{module.replace('.', '/')}.so", stdlib)


def said(module, refers=MULTI, *, refusals=(), swig=False, version=None, slots=()):
    """Path and facts of one extension's file."""
    facts = (thing(refers=refers), ExtensionTexts(tuple(refusals), swig), ModuleDefinitions(slots))
    owner = (Owner("wheel", module.partition(".")[0], version),) if version else ()
    return {extension(module).path: (*facts, *owner)}


def app(name, *modules, process="", group=None, stdlib=(), offered=(), tried=()):
    """An application in an interpreter of its own unless `group` names one; "" is the main one.

    `offered`: modules of its environment that it does not import; `tried`: those whose refusal it
    catches.
    """
    (usual,) = instance(extensions=()).applications
    reachable = (*map(extension, modules), *(extension(one, stdlib=True) for one in stdlib))
    reachable += tuple(replace(extension(one), is_guarded=True) for one in tried)
    return replace(
        usual,
        script=f"/srv/{name}.wsgi",
        mount=f"/{name}",
        process_group=process,
        application_group=f"example.org|/{name}" if group is None else group,
        where=Where(CONFIG, 9, 9),
        reachable=reachable,
        own=(OwnModule(f"/srv/{name}.wsgi", "", Reached.SCRIPT),),
        environment=replace(usual.environment, extensions=tuple(map(extension, offered))),
    )


def daemon(name, **options):
    """A WSGIDaemonProcess."""
    words = {key.replace("_", "-"): value for key, value in options.items()}
    return ProcessGroup(name, None, None, 1, 15, words, Where(CONFIG, 5, 5), "")


def interpreters(*applications, files=(), groups=(), **changes):
    """The model that checks ask for."""
    one = replace(instance(), applications=applications, process_groups=groups, **changes)
    return Interpreters(MemoryFiles(dict(files)), (one,))


def configured(*lines):
    """The configuration of these lines."""
    files = MemoryFiles({CONFIG: "\n".join(lines)})
    start = HttpdStart("/httpd", CONFIG, "/etc/apache2", environment={})
    return evaluate(files, start, None)
