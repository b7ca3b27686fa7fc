"""Journals of systemd: the binary files of journald, and the export format of journalctl."""
