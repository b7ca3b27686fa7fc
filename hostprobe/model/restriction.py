"""What mod_wsgi keeps applications from: streams and signals.

wsgi_create_server_config and newInterpreterObject (mod_wsgi.c, wsgi_interp.c): up to 2.x standard
input and output are restricted unless told otherwise, from 3.0 on only when asked for. Handlers of
signals always were, unless WSGIRestrictSignal is Off.
"""

from dataclasses import dataclass

from hostprobe.facts.httpd import Where
from hostprobe.model.instance import Application, Instance
from hostprobe.model.interpreter_options import InterpreterOptions, is_on

LENIENT_SINCE = 3


@dataclass(frozen=True, slots=True)
class Restriction:
    """Whether something is kept from an interpreter, and what says so."""

    is_on: bool
    directive: str
    """As it is spelled: "WSGIRestrictStdout"."""

    where: Where | None
    """None: the default of this mod_wsgi."""

    @property
    def said(self) -> str:
        """The directive with its place, or the default."""
        if self.where is None:
            return f"{self.directive} is {'On' if self.is_on else 'Off'} by default"
        return f"{self.directive} {'On' if self.is_on else 'Off'} ({self.where})"


class Restrictions:
    """Those of one directive for the applications of one instance."""

    def __init__(self, instance: Instance, directive: str) -> None:
        self._instance = instance
        self._directive = directive
        self._options = InterpreterOptions(instance.configuration)

    def of(self, application: Application) -> Restriction:
        """Of its interpreter; where only a request tells which it is, the strictest of them."""
        found = self._options.of_interpreter(
            self._directive.lower(), application.process_group, application.application_group
        )
        if not found:
            return Restriction(by_default(self._instance, self._directive), self._directive, None)
        deciding = next((one for one in found if is_on((one,))), found[0])
        return Restriction(is_on(found), self._directive, deciding.where)

    def of_stream(self, application: Application) -> Restriction | None:
        """Of a stream; None for a running `httpd -X`, which has those of its caller."""
        running = self._instance.running
        if running is not None and "-X" in running.parent.command:
            return None
        return self.of(application)


def by_default(instance: Instance, directive: str) -> bool:
    """Of the release that is loaded; one that tells none is not of before 2010."""
    if directive == "WSGIRestrictSignal":
        return True
    major = instance.mod_wsgi_version.partition(".")[0]
    return major.isdecimal() and int(major) < LENIENT_SINCE
