"""The one exception that a parser may raise."""


class ParseError(ValueError):
    """The bytes are not what they should be; the message says what and where, without the path."""
