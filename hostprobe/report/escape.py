"""The only door for text that came from a host: file names, directives, symbols, versions.

Whatever is not printable (control characters, escape sequences, line breaks, bidirectional
overrides, invisible characters, bytes that are not UTF-8) becomes visible.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing takes as long as json: the plugin would start a fifth later
if TYPE_CHECKING:
    from typing import Any


def escape(text: str) -> str:
    r"""One line without surprises: `\x1b`, `\n`, `\u202e`; undecodable bytes as `\xff`."""
    if text.isprintable():
        return text
    return "".join([char if char.isprintable() else visible(char) for char in text])


def visible(char: str) -> str:
    """One character as an escape; a surrogate stands for the byte it was made from."""
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")


def escape_json(data: Any) -> Any:
    """JSON data without lone surrogates, which many readers refuse.

    Control characters are escaped by JSON itself. Objects that are not JSON become their text.
    """
    if isinstance(data, str):
        return data if data.isascii() else without_surrogates(data)
    if isinstance(data, dict):
        return {escape_json(str(key)): escape_json(value) for key, value in data.items()}
    if isinstance(data, list | tuple | set | frozenset):
        return [escape_json(value) for value in data]
    if data is None or isinstance(data, bool | int | float):
        return data
    return without_surrogates(octets(data) if isinstance(data, bytes) else str(data))


def octets(data: bytes) -> str:
    """Bytes as text, reversible."""
    return data.decode("utf-8", "surrogateescape")


def without_surrogates(text: str) -> str:
    """Only surrogates are made visible."""
    return "".join([visible(char) if 0xD800 <= ord(char) <= 0xDFFF else char for char in text])
