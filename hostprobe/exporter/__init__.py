"""The web side: it serves the last report and has no rights but to read that file."""
