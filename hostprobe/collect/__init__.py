"""The only I/O: reads the inspected root into facts."""
