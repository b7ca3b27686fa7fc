"""Bytes to facts: pure functions that return facts or raise ParseError."""
