"""Paths compiled into libphp: texts beside the names under which PHP publishes them.

PHP registers constants PHP_EXTENSION_DIR, PHP_CONFIG_FILE_SCAN_DIR ... with their values (main.c)
and prints php.ini's directory before "Loaded Configuration File" (ext/standard/info.c); compilers
put the texts side by side in the order of their first use, linkers merge repeated ones.
"""

import re

from hostprobe.facts.php import PhpBuild
from hostprobe.parse.error import ParseError

API = re.compile(rb"API\d?(20\d{6}),N?TS")
TEXT = re.compile(rb"[\x20-\x7e]{1,400}")
MAX_BETWEEN = 3
"""Texts between a name and its value: other names with the same value, or merged away ones."""

NAME = re.compile(r"[A-Z][A-Z0-9_]+")


def parse_php_build(data: bytes) -> PhpBuild:
    """What libphp says of itself; ParseError when it is not PHP."""
    api = API.search(data)
    if api is None:
        raise ParseError("no PHP extension API number in it")
    extension_dir = value_of(data, b"PHP_EXTENSION_DIR") or dated_path(data, api[1])
    scan_dir = value_of(data, b"PHP_CONFIG_FILE_SCAN_DIR")
    return PhpBuild(
        config_path=value_of(data, b"Loaded Configuration File")
        or value_of(data, b"PHP_CONFIG_FILE_PATH"),
        scan_dir=scan_dir,
        extension_dir=extension_dir,
    )


def value_of(data: bytes, name: bytes) -> str | None:
    """The path among the texts just before a name."""
    position = data.find(b"\0" + name + b"\0")
    if position < 0:
        return None
    return _path(data[max(0, position - 2000) : position].split(b"\0")[::-1])


def _path(texts: list[bytes]) -> str | None:
    """The first absolute path, with at most a few names in between."""
    for raw in [text for text in texts if text][: MAX_BETWEEN + 1]:
        text = raw.decode("latin-1")
        if text.startswith("/") and TEXT.fullmatch(raw):
            return text
        if not NAME.fullmatch(text):
            return None
    return None


def dated_path(data: bytes, api: bytes) -> str | None:
    """An absolute path that ends with the API number, as default extension directories do."""
    pattern = rb"\0(/[\x21-\x7e]{1,300}" + re.escape(api) + rb"(?:-zts)?)\0"
    match = re.search(pattern, data)
    return match[1].decode("latin-1") if match else None
