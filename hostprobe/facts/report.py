"""The words of a report that every reader of one needs; no import, for the plugin begins fast."""

SEVERITIES = ("critical", "high", "medium", "low", "info")
"""Worst first."""

JUDGED = ("clean", "found", "not-applicable")
"""Outcomes of a check that say what is so; the others say that nobody knows."""
