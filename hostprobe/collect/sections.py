"""Sections of httpd whose arguments hostprobe uses."""

SECTIONS = frozenset(
    {
        "directory",
        "directorymatch",
        "files",
        "filesmatch",
        "ifdefine",
        "ifdirective",
        "iffile",
        "ifmodule",
        "ifsection",
        "ifversion",
        "limit",
        "limitexcept",
        "location",
        "locationmatch",
        "macro",
        "proxy",
        "proxymatch",
        "virtualhost",
    }
)
