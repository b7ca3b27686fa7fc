"""Certificates by openssl: an authority, a server and a client that it vouches for."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    cert: Path
    key: Path


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *arguments], capture_output=True, check=True)


def make_authority(folder: Path, name: str = "authority") -> Certificate:
    made = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
    openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-days", "2", "-subj", f"/CN={name}", "-keyout", made.key, "-out", made.cert),
    )
    return made


def issue(authority: Certificate, name: str) -> Certificate:
    """A certificate for 127.0.0.1; the same name once more replaces it."""
    folder = authority.cert.parent
    made, request = Certificate(folder / f"{name}.pem", folder / f"{name}.key"), folder / "request"
    openssl(
        *("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"),
        *("-keyout", made.key, "-out", request),
    )
    openssl(
        *("x509", "-req", "-in", request, "-days", "2", "-copy_extensions", "copy"),
        *("-CA", authority.cert, "-CAkey", authority.key, "-CAcreateserial", "-out", made.cert),
    )
    return made
