"""Children that answer for C libraries: what happens to them costs only their answers."""

import os
import time

import pytest

from hostprobe.collect import isolated, policies
from hostprobe.collect.isolated import Isolated
from hostprobe.collect.policies import Policies
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.selinux import Question, UsualLabel, asked

QUESTION = asked("/policy", (Question("a:b:c", "a:b:c", "file", ("read",)),), thorough=True)
FILE = Stat("/srv/www/a.py", 1, 1, 0o100644, 0, 0, 0, 0)
CONTEXTS = "/etc/selinux/x/contexts/files/file_contexts"


@pytest.fixture
def child():
    made = []

    def make(answer):
        made.append(Isolated(lambda: answer))
        return made[-1]

    yield make
    for one in made:
        one.close()


def test_a_child_answers(child):
    asking = child(lambda question: [question, os.getpid()])
    answer, pid = asking.ask({"a": 1})
    assert answer == {"a": 1}
    assert pid != os.getpid()


def test_a_child_that_crashes_answers_nothing(child):
    asking = child(lambda _: os.kill(os.getpid(), 11))
    assert asking.ask(1) is None
    assert asking.ask(1) is None


def test_a_child_that_hangs_answers_nothing(child, monkeypatch):
    monkeypatch.setattr(isolated, "TIME", 0.2)
    assert child(lambda _: time.sleep(60)).ask(1) is None


def test_a_child_may_not_fill_the_memory(child):
    assert child(lambda _: len(bytearray(4 << 30))).ask(1) is None


def with_files(**contents):
    texts = {name.replace("_", "."): text for name, text in contents.items()}

    def read(path, _):
        known = {"/policy": texts.get("policy"), CONTEXTS: texts.get("contexts")}
        text = known.get(path)
        return Missing(f"{path}: no such file", not_found=True) if text is None else text

    return Policies(read, lambda path: FILE if path == FILE.real else Missing("x", not_found=True))


@pytest.mark.parametrize("image", [b"", b"x", b"\x8c\xff\x7c\xf9" + b"\xff" * 999])
def test_what_is_no_policy_is_refused_in_words(image):
    found = with_files(policy=image)
    answer = found.verdicts(QUESTION)
    found.close()
    assert isinstance(answer, Missing)
    assert answer.reason.startswith("/policy: ")


def test_a_missing_policy_is_missing():
    assert with_files().verdicts(QUESTION).not_found


def test_file_contexts_give_the_label_of_a_path():
    lines = b"/srv/www(/.*)?\tsystem_u:object_r:httpd_sys_content_t:s0\n"
    found = with_files(contents=b"", contexts=lines)
    assert found.usual_label(f"{FILE.real}?x") == UsualLabel(
        "system_u:object_r:httpd_sys_content_t:s0"
    )
    found.close()


def test_file_contexts_that_give_none_or_are_none():
    found = with_files(contexts=b"/other\tsystem_u:object_r:other_t:s0\n")
    assert found.usual_label(f"{FILE.real}?x") == UsualLabel(None)
    found.close()
    broken = with_files(contexts=b"((((\n" * 10)
    assert isinstance(broken.usual_label(f"{FILE.real}?x"), Missing | UsualLabel)
    broken.close()


def test_children_end_with_their_owner():
    found = with_files(policy=b"x")
    found.verdicts(QUESTION)
    (one,) = found._children.values()
    found.close()
    with pytest.raises(ProcessLookupError):
        os.kill(one._pid, 0)
    assert policies.MAX_POLICY >= 64 << 20
