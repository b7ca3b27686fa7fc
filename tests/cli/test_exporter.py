import subprocess
import sys

import pytest

from hostprobe.cli import main
from hostprobe.cli.exporter import log
from tests.exporter.sample import stored

HASH = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"
USERS = f"[exporter.basic_auth_users]\nann = '{HASH}'\n"


@pytest.mark.parametrize(
    ("settings", "address", "message"),
    [
        ("", "nowhere", "'nowhere' is not HOST:PORT"),
        ("", "192.0.2.1:1", "192.0.2.1:1: cannot assign requested address"),
        (USERS, "0.0.0.0:1", "0.0.0.0:1 is no loopback address, and basic_auth_users without tls"),
        (USERS, ":1", "would send passwords in the clear"),
        ("[exporter]\nlisten_address = '127.0.0.1:1'", None, "listen_address must be an array"),
        ("[exporter]\nlisten = []", None, "exporter.listen is not a setting"),
        ("[exporter.basic_auth_users]\nann = 3", None, "basic_auth_users.ann must be a string"),
        ("[exporter.basic_auth_users]\nann = 'secret'", None, "ann: not a bcrypt hash"),
        ("[exporter.tls_server_config]\ncert_file = '/x'", None, "needs both cert_file and key"),
        (
            "[exporter.tls_server_config]\ncert_file = '/no/c'\nkey_file = '/no/k'",
            None,
            "/no/c and /no/k: no such file or directory",
        ),
    ],
)
def test_what_cannot_work_is_one_line_and_2(tmp_path, capsys, settings, address, message):
    path = tmp_path / "hostprobe.toml"
    path.write_text(settings)
    arguments = ["exporter", "--settings", str(path)]
    arguments += ["--web.listen-address", address] if address else []
    assert main(arguments) == 2
    *_, line = capsys.readouterr().err.splitlines()
    assert line.startswith("hostprobe exporter: ")
    assert message in line
    assert "secret" not in line


def test_what_is_logged_is_one_visible_line(capsys):
    log("a\nb\x1b[2J\u202e\udcff")
    assert capsys.readouterr().err == "hostprobe exporter: a\\nb\\x1b[2J\\u202e\\xff\n"


def test_the_exporter_knows_no_check():
    program = "import sys, hostprobe.cli.exporter; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    parts = {name.partition(".")[0] for name in loaded.decode().split()}
    assert "hostprobe_checks" not in parts
    assert not {b"hostprobe.catalogue", b"hostprobe.inspection"} & set(loaded.split())


def test_metrics_are_written_for_other_users_to_read(tmp_path):
    stored(tmp_path / "report.json")
    for name, mode in (("prometheus", 0o644), ("json", 0o600)):
        target = tmp_path / name
        arguments = ["report", str(tmp_path / "report.json"), "--format", name]
        assert main([*arguments, "--output", str(target)]) == 0
        assert target.stat().st_mode & 0o777 == mode
