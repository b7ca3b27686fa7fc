"""What was seen on a host: frozen dataclasses without opinions. Imports nothing of ours."""
