"""Settings of all tests."""

from hypothesis import settings

# Workers share the cores: a deadline would judge the machine. What must be bounded says so itself.
settings.register_profile("shared", deadline=None)
settings.load_profile("shared")
