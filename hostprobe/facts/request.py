"""What a scan was asked to look at; stored with a snapshot so that its replay asks the same."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Request:
    """The options that decide which processes are planned."""

    config: str | None = None
    """--config: exactly one planned instance is described by this file."""

    httpd: str | None = None
    """--httpd: the binary, where it is not to be found by looking."""

    defines: tuple[str, ...] = ()
    """-D names in order."""

    before: tuple[str, ...] = ()
    """-C directives in order."""

    after: tuple[str, ...] = ()
    """-c directives in order."""

    python: str | None = None
    """--python: the standalone interpreter to compare with."""

    extensions: tuple[str, ...] = ()
    """--extension files in order."""

    app: str | None = None
    """--app: only the application with this script."""

    restarts: int = 0
    """Graceful restarts of the planned process."""

    pid: int = 0
    """--pid: only the running httpd that this process belongs to; 0: all of them."""

    no_live: bool = False
    """--no-live: running processes are not looked at."""

    @property
    def says_start(self) -> bool:
        """It names or changes the httpd that is planned: others that run are not meant."""
        given = (self.config, self.httpd, self.defines, self.before, self.after)
        return any(given)
