"""The first damaged inputs of every target of the parser fuzzer."""

import resource
import signal

import pytest

from hostprobe.collect.kinds import PARSERS
from tests.fuzz import parsers
from tests.fuzz.parsers import input_of, run, seeds_of
from tests.fuzz.parsers_seeds import SEEDS
from tests.fuzz.parsers_targets import targets

NUMBERS = range(150)


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setattr(parsers, "KEPT", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", targets())
def test_damaged_input_gives_facts_or_the_documented_error(name):
    tally = run(name, 0, NUMBERS)
    assert tally.failures == []
    assert tally.refused < tally.inputs or name not in SEEDS, "the damage leaves nothing to parse"


@pytest.mark.parametrize("name", sorted(SEEDS.keys() & targets().keys()))
def test_what_is_damaged_is_sound(name):
    parse, _ = targets()[name]
    for seed in seeds_of(name):
        parse(seed.data)


def test_every_parser_is_a_target():
    assert {kind.__name__ for kind in PARSERS} <= targets().keys()


def test_an_input_is_decided_by_its_number():
    assert input_of("PhpIni", 1, 7) == input_of("PhpIni", 1, 7) != input_of("PhpIni", 1, 8)


def endless(_):
    while True:
        pass


def greedy(_):
    return bytearray(2 * parsers.MEMORY)


def wrong(_):
    raise KeyError("x")


@pytest.mark.parametrize(
    ("parse", "says"), [(endless, "more than"), (greedy, "MemoryError"), (wrong, "KeyError")]
)
def test_what_breaks_the_contract_is_kept(monkeypatch, kept, parse, says):
    monkeypatch.setitem(targets(), "PthFile", (parse, ()))
    monkeypatch.setattr(parsers, "SECONDS", 0.05)
    limits = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGPROF)
    (failure,) = run("PthFile", 1, [5]).failures
    assert failure.startswith(says)
    assert failure.endswith("--target 'PthFile' --seed 1 --only 5")
    assert (kept / "PthFile-1-5").read_bytes() == input_of("PthFile", 1, 5)
    assert (resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGPROF)) == limits
