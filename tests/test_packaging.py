"""What packages hold besides the program says what the program says."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hostprobe import __version__
from hostprobe.cli.parser import build_parser
from hostprobe.facts.settings import Settings
from hostprobe.parse.settings import parse_settings

ROOT = Path(__file__).parent.parent
NEVER_IMPORTED = {"selinux"}  # its C libraries are asked instead


@pytest.fixture(scope="module")
def share(tmp_path_factory):
    """The pages and the example."""
    directory = tmp_path_factory.mktemp("share")
    command = [sys.executable, ROOT / "packaging/manual", directory]
    subprocess.run(command, check=True, env={"SOURCE_DATE_EPOCH": "0"})
    return directory


def commands():
    (found,) = (each for each in build_parser()._actions if hasattr(each, "_name_parser_map"))
    return found.choices


def test_every_command_has_a_page_with_all_its_options(share):
    for name, parser in commands().items():
        page = (share / f"man/man1/hostprobe-{name}.1").read_text().replace("\\-", "-")
        for action in parser._actions:
            assert all(f"\\fB{option}\\fR" in page for option in action.option_strings)


def test_the_page_of_scan_tells_the_exit_statuses_and_shows_examples(share):
    page = (share / "man/man1/hostprobe-scan.1").read_text()
    assert ".SH EXIT STATUS\n.EX\n  0  complete" in page
    assert ".SH EXAMPLES\n.EX\n  hostprobe scan\n" in page


def test_the_page_is_dated_as_its_sources_are(share):
    first = (share / "man/man1/hostprobe.1").read_text().partition("\n")[0]
    assert first == f'.TH HOSTPROBE 1 1970-01-01 "hostprobe {__version__}" "hostprobe"'


def test_the_example_sets_nothing(share):
    assert parse_settings((share / "doc/hostprobe/hostprobe.toml").read_bytes()) == Settings()


def test_the_example_shows_every_key_with_its_default(share):
    text = (share / "doc/hostprobe/hostprobe.toml").read_text()
    blocks = (block for block in text.split("\n\n") if "#[[" not in block)
    lines = (line for block in blocks for line in block.splitlines() if '= "..."' not in line)
    uncommented = "\n".join(re.sub(r"^#(?! )", "", line) for line in lines)
    assert parse_settings(uncommented.encode()) == Settings()
    for key in ("select", "fail_on", "directory", "keep", "check", "subject", "expires"):
        assert f"\n#{key} = " in text


def test_the_packages_have_the_version_of_the_program():
    changelog = (ROOT / "packaging/deb/changelog").read_text()
    assert changelog.startswith(f"hostprobe ({__version__}) ")


def test_what_is_bundled_are_the_dependencies_at_one_version_each_with_its_licence():
    lines = (ROOT / "packaging/bundled.txt").read_text().splitlines()
    entries = [re.fullmatch(r"([\w-]+)==[\d.]+ +# \w.*", line) for line in lines if line[0] != "#"]
    assert all(entries)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.match(r"[\w-]+", each)[0].replace("_", "-") for each in project["dependencies"]}
    assert wanted - NEVER_IMPORTED <= {entry[1].lower() for entry in entries}
