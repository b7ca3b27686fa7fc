"""libzstd through ctypes: its streaming decompression (zstd.h)."""

import ctypes
from ctypes import POINTER, byref, c_char_p, c_size_t, c_uint, c_void_p

ROOM = 256 << 10
"""Bytes that are unpacked at once."""


class Buffer(ctypes.Structure):
    """ZSTD_inBuffer and ZSTD_outBuffer."""

    _fields_ = (("data", c_void_p), ("size", c_size_t), ("place", c_size_t))


class Decompressor:
    """Frames in any portions; OSError without the library. A window has at most 128 MB."""

    def __init__(self, name: str) -> None:
        self._library = ctypes.CDLL(name)
        self._library.ZSTD_createDStream.restype = c_void_p
        self._library.ZSTD_initDStream.argtypes = [c_void_p]
        self._library.ZSTD_initDStream.restype = c_size_t
        self._library.ZSTD_isError.argtypes = [c_size_t]
        self._library.ZSTD_isError.restype = c_uint
        self._library.ZSTD_getErrorName.argtypes = [c_size_t]
        self._library.ZSTD_getErrorName.restype = c_char_p
        buffer = POINTER(Buffer)
        self._library.ZSTD_decompressStream.argtypes = [c_void_p, buffer, buffer]
        self._library.ZSTD_decompressStream.restype = c_size_t
        self._stream = self._library.ZSTD_createDStream()
        self._room = ctypes.create_string_buffer(ROOM)
        self._waiting = b""

    def feed(self, data: bytes, *, is_new: bool) -> tuple[bytes, bool, bool]:
        """At most ROOM bytes, whether more are waiting, whether a frame has just ended.

        `is_new`: what came before does not count. ValueError for damaged data.
        """
        if is_new:
            self._library.ZSTD_initDStream(self._stream)
            self._waiting = b""
        packed = self._waiting + data
        source = Buffer(ctypes.cast(c_char_p(packed), c_void_p), len(packed), 0)
        target = Buffer(ctypes.cast(self._room, c_void_p), ROOM, 0)
        status = 1
        while target.place < ROOM and (status or source.place < len(packed)):
            before = source.place, target.place
            status = self._library.ZSTD_decompressStream(self._stream, byref(target), byref(source))
            if self._library.ZSTD_isError(status):
                raise ValueError(self._library.ZSTD_getErrorName(status).decode("ascii"))
            if before == (source.place, target.place):
                break
        self._waiting = packed[source.place :]
        found = ctypes.string_at(self._room, target.place)
        return found, target.place == ROOM, status == 0
