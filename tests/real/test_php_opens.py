"""PHP itself is the judge of what it opens."""

import re

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.php import php_module, php_opens
from tests.real.httpd import Httpd

pytestmark = pytest.mark.real
LOADED = re.compile(r"file=(\S+) \[0\];\s+dynamically loaded by \S*libphp\S* \[0\]")


def predicted(httpd):
    start = HttpdStart(
        str(httpd.binary), str(httpd.config), str(httpd.root), environment=httpd.environment
    )
    files = LiveFiles()
    configuration = evaluate(files, start, None)
    load = php_module(configuration)
    assert load is not None
    return php_opens(files, configuration, load.path)


def seen(httpd):
    """What ld.so says libphp opened, the first time each."""
    with httpd:
        text = httpd.error_log
    existing = (path for path in LOADED.findall(text))
    return list(dict.fromkeys(existing))


def opened(lines=(), **environment):
    httpd = Httpd(["php"], lines, environment={"LD_DEBUG": "files", **environment})
    start = predicted(httpd)
    return start, seen(httpd)


def test_the_opens_are_those_of_the_stock_configuration():
    start, actual = opened()
    assert len(actual) > 20
    assert [one.path for one in start.opens] == [path for path in actual if path.endswith(".so")]
    assert start.problems == ()


def test_the_opens_are_those_of_an_own_ini_directory(tmp_path):
    tmp_path.parent.chmod(0o755)
    lines = "zend_extension=opcache\nextension=ctype\nextension=/usr/lib/php/20220829/ctype.so\n"
    (tmp_path / "php.ini").write_text(
        f"{lines}extension=opcache\nextension=nowhere\nextension=posix.so\n"
    )
    (tmp_path / "scan").mkdir()
    (tmp_path / "scan" / "10-a.ini").write_text(
        "extension=${KIND}line\n[PATH=/]\nextension=iconv\n"
    )
    environment = {"PHP_INI_SCAN_DIR": str(tmp_path / "scan"), "KIND": "read"}
    start, actual = opened([f"PHPIniDir {tmp_path}"], **environment)
    existing = [one.path for one in start.opens if "nowhere" not in one.path]
    assert existing == [path for path in actual if "nowhere" not in path and path.endswith(".so")]
    assert [path.rpartition("/")[2] for path in existing] == [
        "opcache.so",
        "ctype.so",
        "posix.so",
        "readline.so",
    ]
    assert len(start.problems) == 2
