"""The table of layers is the documentation; this test is what keeps it true."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "facts": {"facts"},
    "parse": {"facts", "parse"},
    "collect": {"facts", "parse", "collect", "limiting"},
    "model": {"facts", "model"},
    "check": {"facts"},
    "conflict": {"facts", "model", "check"},
    "refusal": {"facts", "model", "check", "conflict"},
    "duplicate": {"facts", "model", "check", "conflict"},
    "brought": {"model", "check"},
    "selinux_cure": {"facts", "model"},
    "apparmor_cure": {"facts"},
    "hostprobe_checks": {"facts", "model", "check", "conflict", "refusal", "duplicate", "brought"}
    | {"selinux_cure", "apparmor_cure"},
    "confirmation": {"check", "engine"},
    "waiving": {"facts", "check", "engine"},
    "limiting": set(),
    "reading": set(),
    "writing": set(),
    "settings": {"facts", "parse", "reading"},
    "exporter": {"facts", "parse", "report", "reading", "agent", "exporter"},
    "agent": {"facts", "parse", "collect", "report", "limiting", "reading", "writing", "agent"},
    "preflight": {"facts", "model", "check", "engine"},
    "report": {"facts", "parse", "model", "check", "report", "engine", "preflight"},
}
PURE = {"facts", "parse", "model", "hostprobe_checks", "check", "conflict", "refusal"} | {
    "preflight",
    "duplicate",
    "brought",
    "selinux_cure",
    "apparmor_cure",
}
IO = {"os", "pathlib", "subprocess", "socket", "time", "random", "io", "mmap", "tempfile", "shutil"}


def sources():
    return list(walk_sources())


def walk_sources():
    for folder in ("hostprobe", "checks/hostprobe_checks"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).parts
            layer = "hostprobe_checks" if folder.startswith("checks") else parts[0]
            yield pytest.param(path, layer.removesuffix(".py"), id=str(path.relative_to(ROOT)))


def imported(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield node.module or ""


@pytest.mark.parametrize(("path", "layer"), sources())
def test_a_module_imports_only_lower_layers(path, layer):
    for name in imported(ast.parse(path.read_text())):
        package, _, rest = name.partition(".")
        if layer in MAY_IMPORT and package in {"hostprobe", "hostprobe_checks"} and rest:
            assert rest.split(".")[0] in MAY_IMPORT[layer], f"{layer} must not import {name}"
        if layer in PURE:
            assert package not in IO, f"{layer} is pure and must not import {name}"


@pytest.mark.parametrize(("path", "layer"), sources())
def test_files_and_functions_stay_small(path, layer):
    text = path.read_text()
    assert text.count("\n") < 400
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, f"{node.name} is too long"


def test_folders_that_shadow_libraries_hold_no_python():
    for folder in ("packaging", "systemd"):
        assert not list((ROOT / folder).rglob("*.py"))
