"""The agent: scans on a schedule and after changes, each in a process of its own, and tells."""
