"""libselinux through ctypes: the label that the policy's file_contexts give a path.

libselinux reads copies of the texts: it follows links, and takes compiled regular expressions
(file_contexts.bin) from beside them, which nobody may hand to PCRE unchecked.
"""

import ctypes
import shutil
import tempfile
from collections.abc import Mapping
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p
from pathlib import Path

LIBRARY = "libselinux.so.1"
TEXTS = ("", ".homedirs", ".local", ".subs", ".subs_dist")
"""What belongs to file_contexts (selabel_file(5))."""

SELABEL_CTX_FILE, SELABEL_OPT_PATH = 0, 3


class Option(Structure):
    """struct selinux_opt."""

    _fields_ = (("type", c_int), ("value", c_char_p))


class FileContexts:
    """The texts of one policy; OSError where there is no libselinux or it refuses them."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._library = ctypes.CDLL(LIBRARY)
        self._library.selabel_open.restype = c_void_p
        self._library.selabel_open.argtypes = [c_uint, POINTER(Option), c_uint]
        self._library.selabel_lookup_raw.argtypes = [c_void_p, POINTER(c_void_p), c_char_p, c_int]
        self._library.freecon.argtypes = [c_void_p]
        folder = Path(tempfile.mkdtemp(prefix="hostprobe-"))
        try:
            for ending, text in texts.items():
                (folder / f"file_contexts{ending}").write_bytes(text)
            option = Option(SELABEL_OPT_PATH, bytes(folder / "file_contexts"))
            self._handle = self._library.selabel_open(SELABEL_CTX_FILE, byref(option), 1)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if not self._handle:
            raise OSError("libselinux does not read these file contexts")

    def label(self, path: str, mode: int) -> str | None:
        """For a path and its type in st_mode; None where the policy gives none."""
        context = c_void_p()
        raw = path.encode("utf-8", "surrogateescape")
        failed = self._library.selabel_lookup_raw(self._handle, byref(context), raw, mode)
        if failed or not context.value:
            return None
        try:
            return ctypes.string_at(context.value).decode("utf-8", "surrogateescape")
        finally:
            self._library.freecon(context)
