"""Products that one of several environment variables configures, each in another way."""

from collections.abc import Iterator
from dataclasses import dataclass

from hostprobe.model.sharing.leaks import MAIN
from hostprobe.model.sharing.processes import SharedProcess
from hostprobe.model.sharing.variables import Member


@dataclass(frozen=True, slots=True)
class Product:
    """One product."""

    name: str
    variables: tuple[str, ...]
    """The one that is looked at first comes first; where it is set the others count for nothing."""


PRODUCTS = (Product("Trac", ("TRAC_ENV", "TRAC_ENV_PARENT_DIR")),)
"""Trac: trac/web/main.py, dispatch_request."""


@dataclass(frozen=True, slots=True)
class ModeClash:
    """Applications of one process configure a product in different ways."""

    process: SharedProcess
    product: Product
    variable: str
    """What leaks."""

    leaking: tuple[Member, ...]
    """Applications that set it."""

    hit: tuple[tuple[Member, str], ...]
    """Applications that set only a variable which it overrides, and that variable."""


def find_mode_clashes(process: SharedProcess, members: tuple[Member, ...]) -> Iterator[ModeClash]:
    """In the order of the table."""
    for product in PRODUCTS:
        for rank, variable in enumerate(product.variables):
            leaking = tuple(one for one in members if sets(one, variable))
            hit = tuple(
                (one, own)
                for one in members
                if (own := own_variable(one, product, rank)) and reaches(leaking, variable, one)
            )
            if hit:
                yield ModeClash(process, product, variable, leaking, hit)


def sets(member: Member, variable: str) -> bool:
    """In whatever form."""
    wish = member.wishes.get(variable)
    return wish is not None and bool(wish.value)


def own_variable(member: Member, product: Product, rank: int) -> str | None:
    """What it sets, when that is overridden by the variable of that rank; None: it is not."""
    own = next((each for each in product.variables if sets(member, each)), None)
    return own if own and product.variables.index(own) > rank else None


def reaches(leaking: tuple[Member, ...], variable: str, member: Member) -> bool:
    """The variable of another one gets into its interpreter, and it does not take it away."""
    if variable in member.wishes:
        return False
    if member.interpreter == MAIN:
        return any(one.interpreter == MAIN for one in leaking)
    return bool(leaking)
