"""pyvenv.cfg and .pth files."""

from hostprobe.facts.python import PthFile, PyvenvCfg


def parse_pyvenv_cfg(data: bytes) -> PyvenvCfg:
    """Keys as getpath and the site module read them: `key = value`, case-insensitive.

    getpath takes the first `home`, site takes the last `include-system-site-packages`.
    """
    pairs = [_pair(line) for line in data.decode("utf-8", "surrogateescape").splitlines()]
    last = dict(pairs)
    first = dict(reversed(pairs))
    return PyvenvCfg(
        home=first.get("home") or None,
        version=last.get("version_info") or last.get("version") or None,
        include_system_site_packages=last.get("include-system-site-packages", "").lower() == "true",
    )


def _pair(line: str) -> tuple[str, str]:
    key, _, value = line.partition("=")
    return key.strip().lower(), value.strip()


def parse_pth(data: bytes) -> PthFile:
    """Lines of a .pth file (documentation of the site module)."""
    text = data.decode("utf-8", "surrogateescape").removeprefix("\ufeff")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    paths = [line for line in lines if not line.startswith(("import ", "import\t"))]
    return PthFile(
        paths=tuple(line.rstrip() for line in paths if "\0" not in line),
        import_lines=len(lines) - len(paths),
    )
