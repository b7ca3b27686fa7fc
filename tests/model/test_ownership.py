from hostprobe.facts.files import Missing
from hostprobe.facts.package import Owner
from hostprobe.model.ownership import owner


class Files:
    """Answers one question."""

    def __init__(self, answer):
        self.answer = answer

    def read(self, _path, kind):
        assert kind is Owner
        return self.answer


def test_an_owner_is_given_on():
    assert str(owner(Files(Owner("dpkg", "libedit2", "3.1")), "/x")) == "libedit2 3.1"


def test_a_file_of_nobody_has_none():
    assert owner(Files(Missing("/x: no package owns it")), "/x") is None
