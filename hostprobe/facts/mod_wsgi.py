"""What is compiled into the mod_wsgi module."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModWsgiBuild:
    """The release of one mod_wsgi object."""

    version: str
    """MOD_WSGI_VERSION_STRING: "4.9.4", "3.5", "6.0.0.rc1"."""

    socket_prefix: str | None = None
    """Where daemons have their sockets without WSGISocketPrefix: "/var/run/apache2/wsgi", or below
    ServerRoot; None: it does not tell."""
