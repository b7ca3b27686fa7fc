"""Who binds to whom after a list of operations: the rules of scope, versions and closing."""

import time

import pytest

from hostprobe.facts.plan import Open, OpenFlags, Plan
from hostprobe.model.loader.objects import FailureKind
from hostprobe.model.loader.process import start
from tests.model.loader.builder import (
    MemoryFiles,
    closes,
    elf,
    opens,
    paths,
    process,
    program,
    providers,
)

GLOBAL, DEEP = "NOW GLOBAL", "NOW DEEPBIND"
ONE, TWO = elf("f"), elf("f")
EXT = elf(refers="f/plt")
BUNDLED = {"/e.so": elf(refers="f@V3:b.so/plt g@V5:b.so/plt", needs="b.so", rpath="/b")}
BUNDLED["/b/b.so"] = elf("f@@V3 g@@V5", soname="b.so")

BINDINGS = {
    "the first global object wins": (
        {"/1.so": ONE, "/2.so": TWO, "/e.so": EXT},
        [opens("/2.so", GLOBAL), opens("/1.so", GLOBAL), opens("/e.so")],
        {"f": "/2.so"},
    ),
    "a global twin overtakes the object's own definition": (
        {"/1.so": ONE, "/e.so": elf("f", "f/plt")},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        {"f": "/1.so"},
    ),
    "a local object overtakes nothing": (
        {"/1.so": ONE, "/e.so": elf("f", "f/plt")},
        [opens("/1.so"), opens("/e.so")],
        {"f": "/e.so"},
    ),
    "DT_SYMBOLIC binds to itself": (
        {"/1.so": ONE, "/e.so": elf("f", "f/plt", dt_symbolic=True)},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        {"f": "/e.so"},
    ),
    "DEEPBIND binds to the own list first": (
        {"/1.so": ONE, "/e.so": elf("f", "f/plt")},
        [opens("/1.so", GLOBAL), opens("/e.so", DEEP)],
        {"f": "/e.so"},
    ),
    "DEEPBIND switches DT_SYMBOLIC off": (
        {"/e.so": elf("f", "f/plt", "x.so", rpath="/", dt_symbolic=True), "/x.so": ONE},
        [opens("/e.so", DEEP)],
        {"f": "/e.so"},
    ),
    "a protected definition is the object's own": (
        {"/1.so": ONE, "/e.so": elf("f=", "f/plt f")},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        {"f": "/e.so"},
    ),
    "a protected function has the address of the program's canonical PLT entry": (
        {"/main": program("f~"), "/e.so": elf("f=", "f")},
        [opens("/e.so")],
        {"f": "/main"},
    ),
    "a canonical PLT entry takes no calls": (
        {"/main": program("f~"), "/e.so": elf("f", "f/plt")},
        [opens("/e.so")],
        {"f": "/e.so"},
    ),
    "equal nodes split a bundled library": (
        {"/sys.so": elf("f@@V3"), **BUNDLED},
        [opens("/sys.so", GLOBAL), opens("/e.so")],
        {"f": "/sys.so", "g": "/b/b.so"},
    ),
    "other nodes keep a bundled library whole": (
        {"/sys.so": elf("f@@V2 g@@V2"), **BUNDLED},
        [opens("/sys.so", GLOBAL), opens("/e.so")],
        {"f": "/b/b.so", "g": "/b/b.so"},
    ),
    "an unversioned definition satisfies every version": (
        {"/sys.so": elf("f g"), **BUNDLED},
        [opens("/sys.so", GLOBAL), opens("/e.so")],
        {"f": "/sys.so", "g": "/sys.so"},
    ),
    "an unversioned reference takes the default version": (
        {"/1.so": elf("f@V1 f@@V2"), "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/e.so")],
        {"f": "/1.so"},
    ),
    "a hidden definition does not exist": (
        {"/1.so": elf("f-"), "/2.so": TWO, "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/2.so", GLOBAL), opens("/e.so")],
        {"f": "/2.so"},
    ),
    "a weak definition counts like a strong one": (
        {"/1.so": elf("f?"), "/2.so": TWO, "/e.so": EXT},
        [opens("/1.so", GLOBAL), opens("/2.so", GLOBAL), opens("/e.so")],
        {"f": "/1.so"},
    ),
    "a weak reference may stay unbound": (
        {"/e.so": elf(refers="f?")},
        [opens("/e.so")],
        {"f": None},
    ),
    "a lazy slot may stay unbound": (
        {"/e.so": EXT},
        [opens("/e.so", "LAZY")],
        {"f": None},
    ),
    "a unique symbol belongs to whom it was bound first": (
        {"/1.so": elf("u!", "u"), "/e.so": elf("u!", "u")},
        [opens("/1.so"), opens("/e.so")],
        {"u": "/1.so"},
    ),
    "a failed open gives its unique symbols back": (
        {"/1.so": elf("u!", "u no_such"), "/e.so": elf("u!", "u")},
        [opens("/1.so"), opens("/e.so")],
        {"u": "/e.so"},
    ),
    "breadth comes before depth": (
        {
            "/e.so": elf(refers="f", needs="a.so b.so", rpath="/"),
            "/a.so": elf(needs="deep.so"),
            "/b.so": ONE,
            "/deep.so": TWO,
        },
        [opens("/e.so")],
        {"f": "/b.so"},
    ),
    "survivors of the first reading come before all modules": (
        {
            "/m.so": ONE,
            "/n.so": elf(needs="stay.so", rpath="/"),
            "/stay.so": elf("f", dt_flags_1=8),
            "/e.so": EXT,
        },
        [
            opens("/m.so", GLOBAL),
            opens("/n.so", GLOBAL),
            closes("/n.so"),
            closes("/m.so"),
            opens("/m.so", GLOBAL),
            opens("/n.so", GLOBAL),
            opens("/e.so"),
        ],
        {"f": "/stay.so"},
    ),
}


@pytest.mark.parametrize("claim", BINDINGS)
def test_bindings(claim):
    content, operations, expected = BINDINGS[claim]
    assert providers(process(content, *operations), "/e.so") == expected


def test_the_same_symbol_can_bind_to_two_providers_by_class():
    content = {
        "/main": program("d", "d/copy d", "x.so", rpath="/"),
        "/x.so": elf("d", "d"),
    }
    one = process(content)
    by_class = [(b.lookup_class.name, b.provider.path) for b in one.bindings_of(one.main)]
    assert by_class == [("COPY", "/x.so"), ("NORMAL", "/main")]
    assert providers(one, "/x.so") == {"d": "/main"}
    assert one.main_takes[b"d"].path == "/x.so"


def test_the_version_of_the_provider_is_told_and_may_be_none():
    content = {"/sys.so": elf("g"), **BUNDLED}
    one = process(content, opens("/sys.so", GLOBAL), opens("/e.so"))
    extension = next(found for found in one.objects if found.path == "/e.so")
    told = {b.symbol: (b.version, b.provider_version) for b in one.bindings_of(extension)}
    assert told == {b"f": (b"V3", b"V3"), b"g": (b"V5", None)}


def test_lazy_slots_say_so_unless_something_asks_for_now():
    content = {
        "/1.so": ONE,
        "/e.so": elf(refers="f/plt"),
        "/n.so": elf(refers="f/plt", bind_now=True),
    }
    operations = (opens("/1.so", GLOBAL), opens("/e.so", "LAZY"), opens("/n.so", "LAZY"))
    assert [b.lazy for b in process(content, *operations).bindings()] == [True, False]
    now = process(content, *operations, environment={"LD_BIND_NOW": "1"})
    assert not any(b.lazy for b in now.bindings())


FAILURES = {
    "a symbol": (
        {"/e.so": EXT},
        (FailureKind.UNDEFINED_SYMBOL, "/e.so: undefined symbol: f", "f"),
    ),
    "a symbol with its version": (
        {"/e.so": elf(refers="g@V1:x.so", needs="x.so", rpath="/"), "/x.so": elf("f@@V1")},
        (FailureKind.UNDEFINED_SYMBOL, "/e.so: undefined symbol: g, version V1", "g"),
    ),
    "a version": (
        {"/e.so": elf(refers="f@V2:x.so", needs="x.so", rpath="/"), "/x.so": elf("f@@V1")},
        (
            FailureKind.MISSING_VERSION,
            "/x.so: version `V2' not found (required by /e.so)",
            "V2",
        ),
    ),
    "a mode": (
        {},
        (
            FailureKind.INVALID_MODE,
            "/e.so: invalid mode for dlopen(): Invalid argument",
            "/e.so",
        ),
    ),
}


@pytest.mark.parametrize("claim", FAILURES)
def test_missing(claim):
    content, expected = FAILURES[claim]
    (failure,) = process(content, opens("/e.so", "NOW" if content else "GLOBAL")).failures
    assert (failure.kind, failure.message, failure.missing) == expected


def test_a_failed_open_leaves_nothing_behind():
    content = {"/e.so": elf(refers="no_such", needs="x.so", rpath="/"), "/x.so": ONE}
    one = process(content, opens("/e.so", GLOBAL))
    assert paths(one.objects) == paths(one.global_scope) == ["/main"]


def test_a_version_that_no_loaded_object_answers_for_ends_the_process():
    content = {"/e.so": elf("f", "f@V1:x.so"), "/1.so": ONE}
    one = process(content, opens("/e.so"), opens("/1.so"))
    assert one.died is not None
    assert one.died.kind is FailureKind.ABORT
    assert paths(one.objects) == ["/main"]


def test_a_library_that_lost_its_versions_ends_the_process_by_a_hidden_definition_too():
    content = {
        "/e.so": elf(refers="f@V1:x.so", needs="x.so y.so", rpath="/"),
        "/x.so": elf("f-"),
        "/y.so": elf("f@@V1"),
    }
    one = process(content, opens("/e.so"))
    assert one.died is not None
    assert one.died.kind is FailureKind.ABORT


def test_a_program_that_cannot_start_does_nothing_more():
    one = process({"/main": program(needs="no.so"), "/e.so": ONE}, opens("/e.so"), closes("/e.so"))
    assert one.died is not None
    assert (one.died.kind, one.died.cause) == (FailureKind.NOT_FOUND, None)
    assert one.died.message.startswith("no.so: cannot open shared object file")


def test_a_program_that_is_not_there_is_a_failure_and_not_an_exception():
    one = process({}, opens("/e.so"))
    absent = start(MemoryFiles({}), Plan("/main"))
    assert not one.died
    assert absent.died is not None
    assert absent.objects == absent.global_scope == tuple(absent.bindings()) == ()
    assert absent.open(opens("/e.so")) is absent.died
    assert absent.close("/e.so") == ()
    assert absent.fork().main is None


def test_a_preloaded_object_comes_right_behind_the_program():
    content = {
        "/main": program(refers="f/plt", needs="x.so", rpath="/"),
        "/x.so": ONE,
        "/pre.so": TWO,
    }
    one = process(content, environment={"LD_PRELOAD": "/none.so:/pre.so"})
    assert paths(one.global_scope) == ["/main", "/pre.so", "/x.so"]
    assert providers(one, "/main") == {"f": "/pre.so"}
    assert "/none.so" in one.problems[0]


def test_opening_again_with_global_promotes_the_whole_list():
    content = {"/e.so": elf(needs="x.so", rpath="/"), "/x.so": ONE}
    one = process(content, opens("/e.so"))
    assert paths(one.global_scope) == ["/main"]
    one.open(opens("/e.so", GLOBAL))
    assert paths(one.global_scope) == ["/main", "/e.so", "/x.so"]
    assert one.new_objects == ()


def test_the_same_file_by_two_names_is_one_object():
    content = {"/e.so": ONE, "/link.so": "/e.so"}
    one = process(content, opens("/e.so"), opens("/link.so"), closes("/e.so"))
    assert paths(one.objects) == ["/main", "/e.so"]


def test_a_fork_goes_its_own_way():
    content = {"/1.so": ONE, "/2.so": TWO, "/e.so": elf("u!", refers="f u")}
    parent = process(content)
    children = [parent.fork(), parent.fork()]
    for child, path in zip(children, ("/1.so", "/2.so"), strict=True):
        child.open(opens(path, GLOBAL))
        child.open(opens("/e.so"))
    assert [providers(child, "/e.so")["f"] for child in children] == ["/1.so", "/2.so"]
    assert paths(parent.objects) == ["/main"]
    assert parent.failures == ()
    assert not parent.open(opens("/e.so")).message.startswith("/1.so")


def test_a_fork_of_200_objects_costs_milliseconds_at_most():
    content = {f"/{i}.so": elf(f"f{i}") for i in range(200)}
    one = process(content, *(opens(path, GLOBAL) for path in content))
    began = time.perf_counter()
    for _ in range(20):
        one.fork()
    assert (time.perf_counter() - began) / 20 < 0.02


def test_cyclic_needs_end():
    content = {
        "/e.so": elf("e", "a", "a.so", rpath="/"),
        "/a.so": elf("a", "e", "e.so a.so", rpath="/"),
    }
    one = process(content, opens("/e.so"))
    assert paths(one.objects) == ["/main", "/e.so", "/a.so"]


def test_a_chain_of_needs_without_end_is_cut_off():
    class Endless(MemoryFiles):
        def elf(self, path):
            number = int(path[1:-3]) if path != "/main" else 0
            return program() if path == "/main" else elf(needs=f"{number + 1}.so", rpath="/")

        def stat(self, path):
            return MemoryFiles({path: ONE}).stat(path)._replace_inode(path)

    files = MemoryFiles(
        {
            "/main": program(),
            **{f"/{i}.so": elf(needs=f"{i + 1}.so", rpath="/") for i in range(2100)},
        }
    )
    one = start(files, Plan("/main"))
    failure = one.open(Open("/0.so", OpenFlags.NOW))
    assert "2048" in failure.message
    assert paths(one.objects) == ["/main"]


def test_an_object_at_the_end_of_the_scope_changes_no_binding():
    content = {"/1.so": ONE, "/2.so": TWO, "/e.so": EXT}
    one = process(content, opens("/1.so", GLOBAL), opens("/e.so"))
    before = list(one.bindings())
    one.open(opens("/2.so", GLOBAL))
    assert list(one.bindings()) == before


def test_noload_of_an_object_that_dlopen_refuses_only_says_that_it_is_not_there():
    content = {"/e.so": elf("f", dt_flags_1=0x40)}
    one = process(content, opens("/e.so", "NOW NOLOAD"), opens("/e.so"))
    kinds = [failure.kind for failure in one.failures]
    assert kinds == [FailureKind.NOT_LOADED, FailureKind.NOT_OPENABLE]


def test_a_refused_dependency_is_called_by_the_name_that_was_asked_for():
    content = {"/e.so": elf(needs="x.so", rpath="/lib"), "/lib/x.so": elf("f", dt_flags_1=0x40)}
    (failure,) = process(content, opens("/e.so")).failures
    assert failure.message == "x.so: shared object cannot be dlopen()ed"
    assert failure.missing == "/lib/x.so"


def test_the_interpreter_opened_by_another_path_is_mapped_a_second_time():
    content = {
        "/main": program(interpreter=b"/lib64/ld.so", needs="ld.so"),
        "/lib64/ld.so": "/lib/ld.so",
        "/lib/ld.so": elf("f", "f/plt", soname="ld.so"),
    }
    one = process(content, opens("/lib64/ld.so"), opens("/lib/ld.so"))
    assert paths(one.objects) == ["/main", "/lib64/ld.so", "/lib/ld.so"]
    assert providers(one, "/lib/ld.so") == {"f": "/lib64/ld.so"}
