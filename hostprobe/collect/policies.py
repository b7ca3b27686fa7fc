"""What the SELinux policies of the inspected root say, asked in child processes."""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from hostprobe.collect.audit2why import Binding, BindingError
from hostprobe.collect.isolated import Isolated
from hostprobe.facts.files import Missing, Stat
from hostprobe.facts.selinux import (
    Answer,
    PolicyBooleans,
    Question,
    UsualLabel,
    Verdict,
    Verdicts,
    questions_in,
)

if TYPE_CHECKING:
    from hostprobe.collect.sepol import Policy

MAX_POLICY, MAX_CONTEXTS = 256 << 20, 64 << 20
"""Bytes of a policy file and of one text of file contexts."""

SELINUX = "/etc/selinux"
Read = Callable[[str, int], bytes | Missing]


class Policies:
    """One child for each policy and each set of file contexts, begun when first asked."""

    def __init__(self, read: Read, stat: Callable[[str], Stat | Missing]) -> None:
        self._read = read
        self._stat = stat
        self._children: dict[str, Isolated | Missing] = {}

    def close(self) -> None:
        """End the children."""
        for child in self._children.values():
            if isinstance(child, Isolated):
                child.close()
        self._children.clear()

    def verdicts(self, asked: str) -> Verdicts | Missing:
        """`asked` is made by facts.selinux.asked."""
        policy, thorough, questions = questions_in(asked)
        answers = self._ask(policy, ["verdicts", thorough, [asdict(one) for one in questions]])
        if isinstance(answers, Missing):
            return answers
        return Verdicts(tuple(Verdict(Answer(kind), tuple(names)) for kind, names in answers))

    def booleans(self, policy: str) -> PolicyBooleans | Missing:
        """Of a policy file."""
        answer = self._ask(policy, ["booleans"])
        return answer if isinstance(answer, Missing) else PolicyBooleans(answer)

    def usual_label(self, asked: str) -> UsualLabel | Missing:
        """`PATH?POLICY`: what a policy, a directory in /etc/selinux, says of an existing path."""
        path, _, policy = asked.rpartition("?")
        stat = self._stat(path)
        if isinstance(stat, Missing):
            return stat
        contexts = f"{SELINUX}/{policy}/contexts/files/file_contexts"
        answer = self._ask(contexts, [stat.real, stat.mode])
        return answer if isinstance(answer, Missing) else UsualLabel(answer[0])

    def _ask(self, path: str, question: Any) -> Any:
        if path not in self._children:
            self._children[path] = self._child(path)
        child = self._children[path]
        if isinstance(child, Missing):
            return child
        answer = child.ask(question)
        if not isinstance(answer, list | dict):
            return Missing(f"{path}: {answer or 'libsepol or libselinux failed on it'}")
        return answer

    def _child(self, path: str) -> Isolated | Missing:
        if path.endswith("/file_contexts"):
            return self._labeller(path)
        image = self._read(path, MAX_POLICY)
        if isinstance(image, Missing):
            return image
        return Isolated(lambda: judge(image))

    def _labeller(self, path: str) -> Isolated | Missing:
        from hostprobe.collect.file_contexts import TEXTS  # noqa: PLC0415  loads ctypes

        texts = {ending: self._read(f"{path}{ending}", MAX_CONTEXTS) for ending in TEXTS}
        main = texts[""]
        if isinstance(main, Missing):
            return main
        unread = [text for text in texts.values() if isinstance(text, Missing)]
        for text in unread:
            if not text.not_found:
                return text
        found = {end: text for end, text in texts.items() if isinstance(text, bytes)}
        return Isolated(lambda: labeller(found))


def judge(image: bytes) -> Callable[[Any], Any]:
    """In the child: what answers questions to a policy; a text says why it cannot."""
    policy = judging(image)
    if isinstance(policy, str):
        return lambda _: policy

    def answer(question: Any) -> Any:
        what, *arguments = question
        if what == "booleans":
            try:
                return policy.booleans()
            except BindingError as error:
                return str(error)
        thorough, rows = arguments
        asked = [
            Question(
                row["source"],
                row["target"],
                row["kind"],
                tuple(row["permissions"]),
                tuple(row["hints"]),
            )
            for row in rows
        ]
        return [
            [int(one.answer), one.booleans] for one in policy.verdicts(asked, thorough=thorough)
        ]

    return answer


def judging(image: bytes) -> "Policy | Binding | str":
    """By libsepol, else by Python's binding; a text says why by neither."""
    from hostprobe.collect.sepol import Policy, SepolError  # noqa: PLC0415  loads ctypes

    try:
        return Policy(image)
    except SepolError as error:
        reason = str(error)
    try:
        return Binding(image)
    except BindingError as error:
        return f"{reason}; {error}"


def labeller(texts: dict[str, bytes]) -> Callable[[Any], Any]:
    """In the child: what answers with labels of paths."""
    from hostprobe.collect.file_contexts import FileContexts  # noqa: PLC0415  loads ctypes

    try:
        contexts = FileContexts(texts)
    except OSError as error:
        reason = str(error)
        return lambda _: reason
    return lambda question: [contexts.label(*question)]
