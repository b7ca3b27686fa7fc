"""hostprobe tells what on this host will break Python inside Apache httpd, before it does."""

__version__ = "0.1.0"
