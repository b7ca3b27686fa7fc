"""One reference and the definition that the loader chose for it."""

from typing import NamedTuple

from hostprobe.facts.elf import LookupClass, Reference
from hostprobe.model.loader.objects import LoadedObject


class Binding(NamedTuple):
    """Reference -> definition, as LD_DEBUG=bindings uses the word."""

    object: LoadedObject
    """Whose relocations refer to the symbol."""

    reference: Reference
    provider: LoadedObject | None
    """None: unbound (a weak reference, or a lazy one that would fail at its first call)."""

    provider_version: bytes | None
    """Node of the chosen definition; None: it has none, or there is no provider."""

    lazy: bool
    """Bound only at the first call, by the scope of that moment; the answer is the one of now."""

    @property
    def symbol(self) -> bytes:
        """Name that is looked up."""
        return self.reference.name

    @property
    def version(self) -> bytes | None:
        """Node that is asked for."""
        return self.reference.version

    @property
    def lookup_class(self) -> LookupClass:
        """What kind of relocation asks: one name can bind differently per class."""
        return self.reference.lookup_class
