"""An httpd that is started as Debian's apache2ctl does: a shell reads envvars first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.real.httpd import Httpd


class LimitedHttpd(Httpd):
    """`ulimits` are `ulimit` commands at the end of envvars.

    Without `answers` nobody waits for an answer: none is to come.
    """

    def __init__(
        self, *arguments: Any, ulimits: Sequence[str] = (), answers: bool = True, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self.ulimits = ulimits
        self.answers = answers

    def wait_until_ready(self) -> None:
        if self.answers:
            super().wait_until_ready()

    def write_environment(self) -> None:
        super().write_environment()
        with (self.root / "envvars").open("a") as envvars:
            envvars.writelines(f"{line}\n" for line in self.ulimits)

    @property
    def command(self) -> list[str]:
        return ["/bin/sh", "-c", '. ./envvars && exec "$@"', "sh", *super().command]
