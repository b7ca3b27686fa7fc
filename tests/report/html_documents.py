"""Documents for the page: a conflict with everything in it, and a host with a thousand findings."""

from __future__ import annotations

from typing import Any

from hostprobe.report.json import document_of
from tests.report.sample import HOSTILE, report

Document = dict[str, Any]
BREAKOUT = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>"
EXTENSION = "/usr/lib/python3.11/lib-dynload/readline.so"
LOSER, WINNER = "/lib/libreadline.so.8.2", "/lib/libedit.so.2.0"
OPENED = "/usr/lib/php/readline.so"


def hostile() -> Document:
    """The sample report: nearly every text of it is hostile somewhere."""
    return dict(document_of(report()))


def library(path: str, soname: str, package: str | None = None) -> Document:
    return {"path": path, "soname": soname, "package": package, "version": None}


def move(path: str, references: int, winner: str | None, loser: str) -> Document:
    return {"object": path, "references": references, "binds_to": winner, "instead_of": loser}


def finding(**changes: Any) -> Document:
    """A linker conflict as hostprobe/conflict.py writes it."""
    return {
        "check": "symbol-interposed",
        "severity": "critical",
        "certainty": "likely",
        "subject": f"object:{LOSER}",
        "title": "readline would use libedit.so.2 instead of libreadline.so.8",
        "detail": f"47 of 48 references bind elsewhere, brought by {OPENED} (/etc/php/x.ini:3).",
        "affected": ["example.org/shop (/srv/shop.wsgi)"],
        "evidence": conflict(),
        "remedy": ["phpdismod -s apache2 readline: clears it (simulated).", "Or wait."],
        "references": ["https://example.org/readline"],
        "fingerprint": "9bac18cd8397c063",
        "waived": None,
        **changes,
    }


def conflict(number: str = "") -> Document:
    """Evidence; with a number the files are others."""
    extension, loser, winner = (path + number for path in (EXTENSION, LOSER, WINNER))
    return {
        "losers": [library(loser, f"libreadline.so.8{number}", "libreadline8 8.2")],
        "winners": [library(winner, f"libedit.so.2{number}")],
        "brought_by": [
            {
                "open": OPENED + number,
                "by": "php",
                "where": "/etc/php/x.ini:3",
                "brings": [f"libedit.so.2{number}"],
            }
        ],
        "judgement": {"harm": "foreign", "family": None, "rebound": 47, "kept": 1, "symbols": 40},
        "rebound_by_object": [move(extension, 40, winner, loser), move(loser, 7, winner, loser)],
        "symbols": [f"rl_{each}" for each in range(40)],
        "extensions": [extension],
        "repeat": f"hostprobe bindings --config /etc/x --extension {extension} --interposed",
    }


def document(*findings: Document, **changes: Any) -> Document:
    """The sample report with other findings; two of its applications import the extension."""
    return {**hostile(), "findings": list(findings), **changes}


def large(findings: int = 1000, conflicts: int = 60) -> Document:
    """Five boxes of the graph for each conflict; three hundred applications."""
    many = [
        finding(
            evidence=conflict(f".{number}"),
            affected=[f"example.org/{number} (/srv/{number}.wsgi)"],
            fingerprint=f"{number:016x}",
            title=f"readline would use libedit.so.2.{number} instead of libreadline.so.8.{number}",
        )
        for number in range(conflicts)
    ]
    many += [
        finding(
            check="script-unreachable" if number % 2 else "code-writable-by-others",
            severity=("high", "medium", "low")[number % 3],
            affected=[f"example.org/{number % 300} (/srv/{number % 300}.wsgi)"],
            evidence={
                "path": f"/srv/{number}/settings.py",
                "who": [{"user": "www-data", "uid": 33, "groups": "www-data"}] * 3,
                "repeat": f"hostprobe scan --app /srv/{number}.wsgi",
            },
            fingerprint=f"{number:016x}",
            title=f"/srv/{number} is closed to www-data",
        )
        for number in range(conflicts, findings)
    ]
    return document(*many)


__all__ = ["BREAKOUT", "HOSTILE", "conflict", "document", "finding", "hostile", "large"]
