"""The running httpds: whose a process is, what it has mapped, what a restart changes."""
