"""Do what hostprobe says: the directives of a finding's remedy, written into the configuration."""

from __future__ import annotations

import re
from typing import Any

from tests.real.httpd import Httpd

ABOVE = re.compile(r"Above every (?:[^:]+): (WSGIDaemonProcess .*)")
REPLACED = re.compile(r"(Before )?(\S+):(\d+): ([A-Z].*)")


def apply_separation(httpd: Httpd, finding: dict[str, Any]) -> None:
    """Process groups of their own, in the configuration of an httpd that does not run."""
    lines = httpd.config.read_text().splitlines()
    above = []
    for step in finding["remedy"]:
        if group := ABOVE.fullmatch(step):
            above.append(group[1])
        elif match := REPLACED.fullmatch(step):
            before, file, number, line = match.groups()
            assert file == str(httpd.config)
            index = int(number) - 1
            lines[index] = f"{line}\n{lines[index]}" if before else line
    assert above
    first = next(
        n
        for n, line in enumerate(lines)
        if re.match("WSGIScriptAlias|WSGIImportScript|<VirtualHost", line)
    )
    lines[first:first] = above
    httpd.config.write_text("\n".join(lines) + "\n")
