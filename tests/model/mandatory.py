"""A host with SELinux or AppArmor in memory; its policy is a set of accesses that are allowed."""

from hostprobe.facts.denial import ProfileDenial, SelinuxDenial
from hostprobe.facts.selinux import Answer, Verdict, Verdicts, questions_in
from tests.model.memory_files import MemoryFiles

HTTPD = "system_u:system_r:httpd_t:s0"
POLICY = "/etc/selinux/targeted/policy/policy.33"


def context(name):
    """The context of a file or port of that type."""
    return f"system_u:object_r:{name}:s0"


def denial(**changes):
    """One that was seen once."""
    usual = {
        "source": HTTPD,
        "target": context("default_t"),
        "kind": "file",
        "permissions": ("read",),
        "is_enforced": True,
        "path": "/shop/a.py",
        "port": None,
        "program": "/usr/sbin/httpd",
        "count": 1,
        "first": 1700000000.0,
        "last": 1700000000.0,
    }
    return SelinuxDenial(**(usual | changes))


def profile_denial(**changes):
    """One that was seen once."""
    usual = {
        "profile": "/usr/sbin/apache2",
        "operation": "open",
        "name": "/srv/shop/a.py",
        "mask": "r",
        "is_enforced": True,
        "program": "apache2",
        "count": 1,
        "first": 1700000000.0,
        "last": 1700000000.0,
    }
    return ProfileDenial(**(usual | changes))


class PolicyFiles(MemoryFiles):
    """Answers questions to the policy: allowed are (type, permission); a boolean adds some."""

    def __init__(self, contents, allowed=(), booleans=None):
        super().__init__({POLICY: b"policy"} | contents)
        self.allowed = set(allowed)
        self.booleans = booleans or {}

    def read(self, path, kind):
        if kind is not Verdicts:
            return super().read(path, kind)
        _, thorough, questions = questions_in(path)
        return Verdicts(tuple(self.verdict(one, thorough) for one in questions))

    def verdict(self, question, thorough):
        wanted = {(question.target.split(":")[2], name) for name in question.permissions}
        if wanted <= self.allowed:
            return Verdict(Answer.ALLOWED)
        names = self.booleans if thorough else question.hints
        helping = [n for n in names if wanted <= self.allowed | self.booleans.get(n, set())]
        return Verdict(Answer.RULE, tuple(sorted(helping)))
