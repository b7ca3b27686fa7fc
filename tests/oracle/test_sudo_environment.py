"""The real sudo is the judge of which Defaults lines hand the caller's HOME on."""

import os
import subprocess

import pytest

from hostprobe.facts.files import Missing
from hostprobe.model.sudo.environment import environment_policy
from hostprobe.model.sudo.matching import Lists, Principal, Program, host_fits
from hostprobe.model.sudo.reading import read_sudoers
from tests.model.memory_files import MemoryFiles
from tests.real.sudo import CALLER, by_sudo, written

pytestmark = [pytest.mark.real, pytest.mark.skipif(os.geteuid() != 0, reason="takes root")]
ENV = "/usr/bin/env"
RULE = f"{CALLER} ALL=(root) NOPASSWD: {ENV}\n"
KEEP = "Defaults env_keep += HOME\n"
HOST = os.uname().nodename
CASES = [
    "",
    KEEP,
    'Defaults env_keep += "LANG HOME"\n',
    "Defaults env_keep = H*\n",
    "Defaults env_keep = *\n",
    "Defaults env_keep = *OME\n",
    "Defaults env_keep = HOM\n",
    'Defaults env_keep = "H*O*E X*"\n',
    'Defaults env_keep = "HO**ME *MOH* HOME*X O*"\n',
    'Defaults env_keep = "H*H *OM"\n',
    'Defaults env_keep += "HOME=/callers"\n',
    'Defaults env_keep += "HOME=/*"\n',
    KEEP + "Defaults env_keep -= HOME\n",
    KEEP + "Defaults env_keep -= H*\n",
    KEEP + "Defaults env_keep = LANG\n",
    KEEP + "Defaults !env_keep\n",
    KEEP + "Defaults always_set_home\n",
    KEEP + "Defaults set_home\n",
    KEEP + "Defaults always_set_home\nDefaults !always_set_home\n",
    KEEP + "Defaults env_check += HOME\n",
    "Defaults env_check += HOME\n",
    "Defaults !env_reset\n",
    "Defaults !env_reset, env_reset\n",
    "Defaults !env_reset, always_set_home\n",
    "Defaults !env_reset\nDefaults env_delete += HOME\n",
    "Defaults !env_reset\nDefaults env_check += HOME\n",
    "Defaults !env_reset\nDefaults env_keep -= HOME\n",
    f"Defaults:{CALLER} env_keep += HOME\n",
    "Defaults:#1 env_keep += HOME\n",
    f"Defaults:%{CALLER} env_keep += HOME\n",
    f"Defaults:!{CALLER} env_keep += HOME\n",
    f"Defaults:ALL,!{CALLER} env_keep += HOME\n",
    f"Defaults:!{CALLER},ALL env_keep += HOME\n",
    f"User_Alias A = {CALLER}\nDefaults:!A env_keep += HOME\n",
    "Defaults:nobody env_keep += HOME\n",
    f"Defaults@{HOST} env_keep += HOME\n",
    "Defaults@elsewhere env_keep += HOME\n",
    "Defaults>root env_keep += HOME\n",
    "Defaults>#0 env_keep += HOME\n",
    "Defaults>nobody env_keep += HOME\n",
    f"Defaults!{ENV} env_keep += HOME\nDefaults env_keep -= HOME\n",
    "Defaults!/usr/bin/id env_keep += HOME\n",
    "Defaults!/usr/bin/ env_keep += HOME\n",
    "Defaults!/usr/bin/e* env_keep += HOME\n",
    f"Cmnd_Alias E = {ENV} x, !{ENV}\nDefaults!E env_keep += HOME\n",
    f"Defaults:{CALLER} !env_reset\nDefaults env_reset\n",
]


def really_passes(tmp_path, text):
    """The caller's HOME is in the environment of what sudo runs."""
    environment = {"HOME": "/callers", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    command = by_sudo(written(tmp_path / "sudoers", text), ENV)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return "HOME=/callers" in done.stdout.splitlines()


def is_predicted(text):
    """hostprobe says so."""
    reading = read_sudoers(MemoryFiles({"/etc/sudoers": text}), HOST)
    assert not isinstance(reading, Missing)
    caller = Principal(CALLER, 1, frozenset({CALLER}), frozenset({1}))
    lists, host = Lists(reading.placed), host_fits(HOST)
    policy = environment_policy(reading.placed, lists, host, caller, Program(ENV))
    return policy.passes is not None


@pytest.mark.parametrize("lines", CASES)
def test_home_gets_through_as_predicted(tmp_path, lines):
    text = lines + RULE
    assert is_predicted(text) is really_passes(tmp_path, text)
