"""What the user can put right."""


class UsageError(Exception):
    """A wrong option, path or name; the message is one line for stderr."""
