"""apparmor_parser's own expressions, and what it lists of real profiles, against ours."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.apparmor import FileRule, Included, Profile, ProfileText
from hostprobe.model.apparmor.pattern import expanded, expression
from hostprobe.model.apparmor.profiles import Profiles
from hostprobe.parse.apparmor_profile import parse_profile_text
from tests.real.debs import unpacked

pytestmark = pytest.mark.real
ABSTRACTIONS = "abstractions/apache2-common abstractions/base abstractions/python abstractions/php"
ABSTRACTIONS += " abstractions/nameservice abstractions/mysql abstractions/ssl_certs abstractions/X"
TEXT = """
include <tunables/global>
@{{WEB}} = /srv/www /srv/{{a,b}}
profile apache2 /usr/{{bin,sbin}}/apache2 flags=(complain) {{
  {includes}
  @{{WEB}}/** r,
  /x/* rw,
  "/a b/*.so" mr,
  owner @{{HOME}}/[a-c]x? r,
  file r /y/**,
  /z/*/k/ r,
  /q*/w** r,
  /e/[^.]*.py r,
  ^shop {{ /srv/shop/** r, }}
}}
"""
ADDED = (
    "/usr/{bin,sbin}/apache2",
    "/proc/*/attr/apparmor/",
    "/sys/module/apparmor/parameters/enabled",
)
ADDED += ("/proc/[0-9]*/attr/{apparmor/,}current",)
"""What it attaches to, and what the parser itself lets whoever changes hats do."""

RULE = re.compile(r"^aare: (.*?)   ->   (.*)$", re.MULTILINE)
PATHS = [
    f"{top}/{name}"
    for top in (
        "",
        "/srv/www",
        "/srv/a",
        "/x",
        "/a b",
        "/y/k",
        "/z/1/k",
        "/z/k",
        "/qq",
        "/e",
        "/usr",
    )
    for name in (
        "",
        "w",
        "k/",
        "a.so",
        ".b",
        "b.py",
        ".py",
        "w/x/y",
        "libx.so.1",
        "bx1",
        "lib/x.so",
    )
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    includes = "\n".join(f"include <{name}>" for name in ABSTRACTIONS.split())
    path = tmp_path / "profile"
    path.write_text(TEXT.format(includes=includes))
    return path


def parser(path: Path, *options: str) -> str:
    tree = unpacked("apparmor")
    command = [tree / "sbin/apparmor_parser", "-QTK", *options, "-b", tree / "etc/apparmor.d"]
    done = subprocess.run([*command, path], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def test_names_of_profiles_and_hats(folder: Path) -> None:
    text = parse_profile_text(folder.read_bytes())
    (profile,) = text.profiles
    names = [profile.name, *(f"{profile.name}//{one.name}" for one in profile.inner)]
    listed = [line for line in parser(folder, "-N").splitlines() if " " not in line]
    assert listed == names


def test_every_pattern_matches_what_the_parsers_expression_matches(folder: Path) -> None:
    theirs = dict(RULE.findall(parser(folder, "-D", "rule-exprs")))
    assert len(theirs) > 150
    for pattern, regular in theirs.items():
        ours = expression(pattern)
        assert ours is not None, pattern
        judge = re.compile(regular, re.DOTALL)
        paths = [
            *PATHS,
            pattern,
            pattern.replace("*", "x"),
            re.sub(r"\{([^{},]*).*?\}", r"\1", pattern),
        ]
        for path in paths:
            assert bool(ours.fullmatch(path)) == bool(judge.fullmatch(path)), (pattern, path)


def test_every_rule_of_the_parser_is_among_ours(folder: Path) -> None:
    found = set(patterns(folder))
    theirs = dict(RULE.findall(parser(folder, "-D", "rule-exprs")))
    for one in ADDED:
        theirs.pop(one)
    missing = [one for one in theirs if one.startswith(("/", "{")) and one not in found]
    assert missing == []


def patterns(path: Path) -> list[str]:
    """All patterns of the profile with its includes, variables put in."""
    files = LiveFiles(str(unpacked("apparmor")))
    text = parse_profile_text(path.read_bytes())
    profiles = Profiles(files, is_live=False)
    variables = profiles.variables(text)
    (profile,) = text.profiles
    rules = [*rules_of(profile)]
    for one in profiles.closure(profile.rules):
        assert isinstance(one, ProfileText), one
        rules += [rule for rule in one.rules if isinstance(rule, FileRule)]
    files.close()
    return [expanded(rule.pattern, variables) for rule in rules]


def rules_of(profile: Profile) -> list[FileRule]:
    inner = [rule for one in profile.inner for rule in rules_of(one)]
    return [*(rule for rule in profile.rules if not isinstance(rule, Included)), *inner]
