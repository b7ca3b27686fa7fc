"""A host of small objects: an httpd, its modules, a Python, one extension, one application."""

from dataclasses import replace

from hostprobe.facts.elf import (
    STB_GLOBAL,
    STT_FUNC,
    STT_NOTYPE,
    STT_OBJECT,
    STV_DEFAULT,
    Banners,
    Definition,
    LookupClass,
    Reference,
)
from hostprobe.facts.files import Missing
from hostprobe.facts.httpd import Configuration, HttpdStart, ModuleLoad, Where
from hostprobe.model.instance import Application, Extension, Instance, PythonEnvironment
from hostprobe.model.linkage import Linkage, Linkages
from tests.model.memory_files import MemoryFiles, elf

CONFIG = "/etc/apache2/apache2.conf"
HTTPD, PYTHON, LIBPYTHON = "/usr/sbin/apache2", "/usr/bin/python3.11", "/lib64/libpython3.11.so.1.0"
EXTENSION = "/venv/lib/python3.11/site-packages/shop/_fast.so"
DATA = {True: STT_OBJECT, False: STT_FUNC}


def thing(defines=(), refers=(), *, soname=None, needed=(), data=(), type_=3):
    """An object that defines and refers to these names; those in `data` are no functions."""
    definitions = {
        name.encode(): (Definition(STB_GLOBAL, DATA[name in data], STV_DEFAULT, False, 1),)
        for name in defines
    }
    references = tuple(
        Reference(
            name.encode(), None, None, False, LookupClass.PLT, False, name in defines, False,
            STT_NOTYPE, True,
        )
        for name in refers
    )  # fmt: skip
    return replace(
        elf(needed=needed),
        soname=None if soname is None else soname.encode(),
        definitions=definitions,
        references=references,
        type=type_,
    )


def environment(*extensions, **changes):
    """The environment that every application of the host uses."""
    usual = {
        "version": "3.11",
        "patch": "3.11.2",
        "home": None,
        "home_where": None,
        "pyvenv": None,
        "prefix": "/usr",
        "executable": PYTHON,
        "search_path": (),
        "extensions": tuple(Extension("shop._fast", path) for path in extensions),
        "stdlib": "/usr/lib/python3.11",
    }
    return PythonEnvironment(**(usual | changes))


def instance(modules=(), extensions=(EXTENSION,), *, imports=True, late=(), **changes):
    """An instance that loads these modules; its application imports the extensions or not."""
    loads = tuple(
        ModuleLoad(path, "x_module", Where(CONFIG, line, line))
        for line, path in enumerate(modules, start=1)
    )
    start = HttpdStart(HTTPD, CONFIG, "/etc/apache2", environment={})
    env = changes.pop("environment", None) or environment(*extensions)
    application = Application(
        script="/srv/shop.wsgi",
        mount="/shop",
        server="example.org",
        process_group="",
        application_group="",
        where=Where(CONFIG, 9, 9),
        environment=env,
        reachable=env.extensions if imports else (),
    )
    return Instance(
        name=CONFIG,
        build=Missing("not looked at"),
        configuration=Configuration(start, (), loads, (CONFIG,), ()),
        process_groups=(),
        applications=(application,),
        late_opens=tuple(late),
        **changes,
    )


def linkages(objects, modules=(), *, imports=True, late=(), banners=None):
    """The loader model of a host with these objects; HTTPD and PYTHON are there by themselves."""
    contents = {HTTPD: thing(), PYTHON: thing(["Py_Initialize"])} | objects
    for path, version in (banners or {}).items():
        contents[path] = (contents[path], Banners((("openssl", version),)))
    files = MemoryFiles(contents)
    return Linkages((Linkage(files, instance(modules, imports=imports, late=late)),))
