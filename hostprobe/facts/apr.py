"""What is compiled into apr-util."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AprUtilBuild:
    """How a libaprutil finds its drivers (misc/apu_dso.c)."""

    drivers: tuple[str, ...]
    """File names of drivers as it has them: "apr_dbd_%s-1.so", "apr_ldap-1.so"; a kind that is
    not among them is built in."""

    directory: str | None
    """APU_DSO_LIBDIR, searched last; None: the text was not found."""
