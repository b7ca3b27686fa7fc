"""Children that answer questions."""

import resource
import time

import pytest

from hostprobe.collect import isolated
from hostprobe.collect.isolated import Isolated


@pytest.fixture
def child():
    """A child with an answer; ended with the test."""
    begun = []

    def make(answer):
        begun.append(Isolated(lambda: answer))
        return begun[-1]

    yield make
    for one in begun:
        one.close()


def test_answers_come_in_the_order_of_the_questions(child):
    double = child(lambda number: number * 2)
    assert [double.ask(number) for number in range(5)] == [0, 2, 4, 6, 8]


def test_an_answer_may_be_longer_than_a_pipe_holds(child):
    assert child(lambda text: text * 2).ask("x" * 500_000) == "x" * 1_000_000


def test_descriptors_of_any_number_are_waited_for(child, tmp_path):
    resource.setrlimit(
        resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    )
    (tmp_path / "file").touch()
    held = [(tmp_path / "file").open() for _ in range(1100)]
    try:
        assert child(lambda text: text).ask("here") == "here"
    finally:
        for one in held:
            one.close()


def test_a_child_that_dies_answers_nothing_more(child):
    def die(_):
        raise SystemExit

    dead = child(die)
    assert dead.ask(1) is None
    assert dead.ask(2) is None


def test_a_late_answer_is_never_taken_for_another(child, monkeypatch):
    def slow(number):
        time.sleep(0.2)
        return number

    late = child(slow)
    monkeypatch.setattr(isolated, "TIME", 0.05)
    assert late.ask(1) is None
    time.sleep(0.4)
    assert late.ask(2) is None
