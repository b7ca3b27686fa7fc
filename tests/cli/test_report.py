import json
import re

import pytest

from hostprobe.cli import main
from hostprobe.report.formats import FORMATS, render
from tests.report.documents import hostile_document


@pytest.fixture
def stored(tmp_path):
    path = tmp_path / "report.json"
    path.write_text(json.dumps(hostile_document()))
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_a_stored_report_is_written_in_every_format(stored, tmp_path, name, capsys):
    assert main(["report", str(stored), "--format", name]) == 0
    assert capsys.readouterr().out == render(name, hostile_document())
    target = tmp_path / "out"
    assert main(["report", str(stored), "--format", name, "--output", str(target)]) == 0
    assert target.read_text() == render(name, hostile_document())


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "no such file or directory"), ("{}", "not a report of hostprobe"), ("x", "not JSON")],
)
def test_what_is_no_report_is_one_line_and_2(tmp_path, content, message, capsys):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    assert main(["report", str(path), "--format", "sarif"]) == 2
    assert capsys.readouterr().err.startswith(f"hostprobe report: {path}: {message}")


@pytest.mark.parametrize("name", FORMATS)
def test_a_scan_is_written_in_every_format(tmp_path, name):
    (tmp_path / "root/etc").mkdir(parents=True)
    target = tmp_path / "out"
    options = ["--root", str(tmp_path / "root"), "--format", name, "--output", str(target)]
    assert main(["scan", *options]) == 0
    assert re.search("not.applicable", target.read_text(), re.IGNORECASE)
