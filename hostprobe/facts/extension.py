"""What the file of a compiled Python module says about interpreters and the GIL."""

from dataclasses import dataclass

MULTIPLE_INTERPRETERS, GIL = 3, 4
"""Py_mod_multiple_interpreters and Py_mod_gil: slots of a module definition (moduleobject.h)."""

NOT_SUPPORTED, SUPPORTED, PER_INTERPRETER_GIL_SUPPORTED = 0, 1, 2
"""Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED and the other values of the first."""

GIL_USED, GIL_NOT_USED = 0, 1
"""Py_MOD_GIL_USED and Py_MOD_GIL_NOT_USED, the values of the second."""


@dataclass(frozen=True, slots=True)
class ModuleSlots:
    """The m_slots array of one PyModuleDef, as far as it speaks of interpreters."""

    module: str
    """The name behind PyInit_."""

    multiple_interpreters: int | None
    """Value of Py_mod_multiple_interpreters; None without that slot."""

    gil: int | None
    """Value of Py_mod_gil; None without that slot."""


@dataclass(frozen=True, slots=True)
class ModuleDefinitions:
    """The definitions of the modules that one object initialises."""

    all: tuple[ModuleSlots, ...]
    """Those found in its data without doubt. Single-phase modules, and those whose slots are
    filled in at run time, are not."""

    def of(self, module: str) -> ModuleSlots | None:
        """Of the module with that dotted name; None: not known."""
        name = module.rpartition(".")[2]
        return next((one for one in self.all if one.module == name), None)


@dataclass(frozen=True, slots=True)
class ExtensionTexts:
    """Texts in an extension that tell what it cannot do."""

    refusals: tuple[str, ...]
    """What it says, as an ImportError or a warning, where a second or another than the main
    interpreter imports it."""

    has_swig: bool
    """The runtime of SWIG is in it."""
