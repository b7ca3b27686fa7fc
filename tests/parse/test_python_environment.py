"""pyvenv.cfg and .pth as the site module reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.python import PthFile, PyvenvCfg
from hostprobe.parse.python_environment import parse_pth, parse_pyvenv_cfg


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            b"home = /usr/bin\nversion = 3.11.2\n",
            PyvenvCfg("/usr/bin", "3.11.2", include_system_site_packages=False),
        ),
        (
            b"HOME=/a\r\nInclude-System-Site-Packages = TRUE",
            PyvenvCfg("/a", None, include_system_site_packages=True),
        ),
        (
            b"home = /a = b\nversion_info = 3.12.1.final.0",
            PyvenvCfg("/a = b", "3.12.1.final.0", include_system_site_packages=False),
        ),
        (
            b"home = /first\nhome = /second\n",
            PyvenvCfg("/first", None, include_system_site_packages=False),
        ),
        (
            b"home =\nno equals sign\n\xff\xfe = \xff",
            PyvenvCfg(None, None, include_system_site_packages=False),
        ),
        (b"", PyvenvCfg(None, None, include_system_site_packages=False)),
    ],
)
def test_pyvenv_cfg(text, expected):
    assert parse_pyvenv_cfg(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"/srv/lib\n\n# note\nsub/dir  \n", PthFile(("/srv/lib", "sub/dir"), 0)),
        (b"import os; os.system('x')\nimport\tx\nimportant\n", PthFile(("important",), 2)),
        (b"\xef\xbb\xbf/bom\r\n", PthFile(("/bom",), 0)),
        (b"/nul\0byte\n", PthFile((), 0)),
    ],
)
def test_pth(text, expected):
    assert parse_pth(text) == expected


@given(st.binary())
def test_any_bytes_are_an_environment(data):
    parse_pyvenv_cfg(data)
    parse_pth(data)
