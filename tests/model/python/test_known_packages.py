"""Lines of the table of packages that mind interpreters."""

import pytest

from hostprobe.model.python.known_packages import Known, known

ALWAYS, FIXED, FIRST = Known("a", "x"), Known("a", "y", fixed="2.9"), Known("a", "z", first="4.0")


@pytest.mark.parametrize(
    ("line", "module", "version", "expected"),
    [
        (ALWAYS, "a", None, True),
        (ALWAYS, "a._b", "1", True),
        (ALWAYS, "ab", "1", False),
        (FIXED, "a._b", "2.8.6-2", True),
        (FIXED, "a._b", "1:2.9.5-1+b1", False),
        (FIXED, "a._b", "2.10", False),
        (FIXED, "a._b", None, False),
        (FIRST, "a", "3.2.2", False),
        (FIRST, "a", "4.0.1", True),
        (FIRST, "a", "unknown", False),
    ],
)
def test_a_line_speaks_of_a_module_in_its_releases(line, module, version, expected):
    assert line.fits(module, version) is expected


def test_the_first_line_that_fits_is_taken():
    assert known((FIXED, ALWAYS), "a", "3") is ALWAYS
    assert known((FIXED,), "a", "3") is None
