import sys

import pytest

from hostprobe import catalogue as module
from hostprobe.catalogue import Catalogue, UnknownCheckError, discover, require, select
from hostprobe.check import Severity, check

GOOD = '''
from hostprobe.check import Severity, check

@check(Severity.low)
def {name}():
    """A foreign check."""
    yield from ()
'''


def check_named(name):
    def body():
        """Title."""
        yield from ()

    body.__name__ = name
    return check(Severity.low)(body)


def catalogue(*names):
    checks = (check_named(name) for name in names)
    return Catalogue({one.id: one for one in checks}, {"lost-check": "SyntaxError: x"})


def offer(directory, package):
    """Install a distribution whose entry point names a package of checks."""
    metadata = directory / "foreign-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: foreign\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{module.GROUP}]\nforeign = {package}\n")


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """Install modules as a package of checks; its name."""

    def install(**sources):
        package = tmp_path / "foreign_checks"
        package.mkdir()
        (package / "__init__.py").touch()
        for name, source in sources.items():
            (package / f"{name}.py").write_text(source)
        monkeypatch.syspath_prepend(str(tmp_path))
        offer(tmp_path, "foreign_checks")
        return "foreign_checks"

    yield install
    for name in [name for name in sys.modules if name.startswith("foreign_checks")]:
        del sys.modules[name]


def test_every_module_of_hostprobes_own_package_is_a_check():
    found = discover()
    assert "symbol-interposed" in found.checks
    assert not found.broken


def test_the_entry_point_names_hostprobes_own_package():
    from importlib.metadata import entry_points

    assert module.OWN in {entry.value for entry in entry_points(group=module.GROUP)}


def test_a_foreign_package_adds_checks(plugin):
    plugin(foreign_fault=GOOD.format(name="foreign_fault"))
    assert {"foreign-fault", "symbol-interposed"} <= discover().checks.keys()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("def", "SyntaxError"),
        ("raise RuntimeError('no')", "RuntimeError: no"),
        ("x = 1", "foreign_checks.bad_one defines no check bad_one"),
        ("bad_one = 3", "defines no check"),
    ],
)
def test_a_broken_module_costs_itself_only(plugin, source, reason):
    plugin(bad_one=source, good_one=GOOD.format(name="good_one"))
    found = discover()
    assert "good-one" in found.checks
    assert reason in found.broken["bad-one"]


def test_two_checks_of_one_name_are_not_mixed_up(plugin):
    plugin(symbol_interposed=GOOD.format(name="symbol_interposed"))
    found = discover()
    assert found.checks["symbol-interposed"].severity is Severity.critical
    assert found.broken == {
        "foreign_checks:symbol-interposed": "a check named symbol-interposed exists already"
    }


def test_a_package_that_cannot_be_imported_is_named(tmp_path, monkeypatch):
    offer(tmp_path, "no_such_package_of_checks")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert "ModuleNotFoundError" in discover().broken["no_such_package_of_checks"]


def test_a_source_tree_needs_no_installation(monkeypatch):
    monkeypatch.setattr(sys, "path", [path for path in sys.path if not path.endswith("/checks")])
    for name in [name for name in sys.modules if name.startswith(module.OWN)]:
        monkeypatch.delitem(sys.modules, name)
    assert "symbol-interposed" in discover().checks


def test_metadata_is_read_only_where_a_plugin_may_be(tmp_path):
    assert not module.has_plugins(str(tmp_path))
    assert not module.has_plugins(str(tmp_path / "gone"))
    offer(tmp_path, "foreign_checks")
    assert module.has_plugins(str(tmp_path))
    assert module.has_plugins(str(tmp_path / "foreign-1.0.dist-info" / "METADATA"))


@pytest.mark.parametrize(
    ("wanted", "ignored", "chosen"),
    [
        ([], [], ["a-b", "c-d", "e-f"]),
        (["c-d", "a-b"], [], ["a-b", "c-d"]),
        ([], ["c-d"], ["a-b", "e-f"]),
        (["a-b"], ["a-b"], []),
    ],
)
def test_checks_are_chosen_by_id(wanted, ignored, chosen):
    found = select(catalogue("a_b", "c_d", "e_f"), wanted, ignored)
    assert [one.id for one in found] == chosen


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "symbol-interpose",
            "there is no check 'symbol-interpose': did you mean symbol-interposed?",
        ),
        ("zzz", "there is no check 'zzz': `hostprobe checks` lists them."),
        ("lost-check", "check lost-check cannot be loaded: SyntaxError: x"),
    ],
)
def test_an_unknown_id_is_an_error_that_helps(name, message):
    with pytest.raises(UnknownCheckError) as error:
        require(catalogue("symbol_interposed"), name)
    assert str(error.value) == message
