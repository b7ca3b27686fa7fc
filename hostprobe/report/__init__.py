"""Findings to output, one file per format; escape.py is the only door for foreign text."""
