"""Which extensions mod_php opens, and in which order."""

import pytest

from hostprobe.facts.httpd import Configuration, Directive, HttpdStart, Where
from hostprobe.facts.php import PhpBuild
from hostprobe.model.php import FLAGS, php_opens
from tests.model.memory_files import FIFO, MemoryFiles, elf

LIBPHP = "/m/libphp8.2.so"
BUILD = PhpBuild("/etc/php", "/etc/php/conf.d", "/lib/php")


def configuration(*directives, **environment):
    start = HttpdStart("/usr/sbin/apache2", "/c", "/etc/apache2", environment=environment)
    return Configuration(start, directives, (), ("/c",), ())


def directive(name, *args):
    return Directive(name, " ".join(args), Where("/c", 1, 1))


def start(contents, *directives, build=BUILD, objects="abcdez", **environment):
    files = {LIBPHP: (build,)} | {f"/lib/php/{name}.so": elf("get_module") for name in objects}
    files["/lib/php/z.so"] = elf("zend_extension_entry")
    return php_opens(
        MemoryFiles(files | contents), configuration(*directives, **environment), LIBPHP
    )


def names(contents, *directives, **options):
    opens = start(contents, *directives, **options).opens
    return [one.path.removeprefix("/lib/php/").removesuffix(".so") for one in opens]


INI = {"/etc/php/php.ini": "extension=a"}


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        (INI, ["a"]),
        (
            INI
            | {
                "/etc/php/conf.d/2-b.ini": "extension=b.so",
                "/etc/php/conf.d/10-c.ini": "extension=c",
            },
            ["a", "c", "b"],
        ),
        (INI | {"/etc/php/conf.d/x.ini": "zend_extension=z"}, ["z", "a"]),
        (INI | {"/etc/php/conf.d/x.ini": "extension=/lib/php/a.so"}, ["a"]),
        (INI | {"/etc/php/conf.d/x.conf": "extension=b"}, ["a"]),
        (INI | {"/etc/php/conf.d/x.ini": FIFO}, ["a"]),
        ({"/etc/php/php-apache2handler.ini": "extension=b"} | INI, ["b"]),
        ({"/etc/php/php.ini": "[PATH=/x]\nextension=a"}, []),
        ({"/etc/php/php.ini": "extension=\nextension=gone"}, ["gone"]),
        ({"/etc/php/php.ini": "extension=z\nzend_extension=a"}, []),
        ({"/etc/php/php.ini": "extension=sub/x.so"}, []),
    ],
)
def test_the_order_of_ini_files(contents, expected):
    assert names(contents) == expected


def test_an_override_of_the_extension_directory_counts_for_all_entries():
    ini = "extension=a\nd = /other\nextension_dir = ${d}/${SUB}\nextension=/lib/php/b.so"
    opens = start({"/etc/php/php.ini": ini, "/other/x/a.so": elf("get_module")}, SUB="x").opens
    assert [one.path for one in opens] == ["/other/x/a.so", "/lib/php/b.so"]


def test_an_open_names_its_flags_caller_and_entry():
    (one,) = start(INI).opens
    assert (one.flags, one.caller, one.by, one.guess) == (FLAGS, LIBPHP, "php", "")
    assert one.where == "/etc/php/php.ini:1"


def test_php_ini_dir_and_phprc_say_where_php_ini_is():
    contents = INI | {
        "/p/php.ini": "extension=b",
        "/e/php.ini": "extension=c",
        "/f.ini": "extension=d",
    }
    assert names(contents, directive("PHPIniDir", "/p"), directive("PHPIniDir", "/e")) == ["b"]
    assert names(contents, PHPRC="/e") == ["c"]
    assert names(contents, PHPRC="/f.ini") == ["d"]
    assert names(contents, PHPRC="/nowhere") == ["a"]
    assert names(contents, directive("PHPIniDir", "/f.ini"), PHPRC="/e") == ["d"]


def test_the_environment_replaces_or_extends_the_scan_directories():
    contents = INI | {"/etc/php/conf.d/b.ini": "extension=b", "/s/c.ini": "extension=c"}
    assert names(contents, PHP_INI_SCAN_DIR="/s") == ["a", "c"]
    assert names(contents, PHP_INI_SCAN_DIR=":/s") == ["a", "b", "c"]
    assert names(contents, PHP_INI_SCAN_DIR="") == ["a", "b"]


def test_a_libphp_that_does_not_tell_its_paths_is_a_guess():
    contents = {
        "/etc/php/8.2/apache2/php.ini": "extension=/lib/php/a.so",
        "/etc/php/8.2/apache2/conf.d/b.ini": "",
    }
    (one,) = start(contents, build=PhpBuild(None, None, None)).opens
    assert "/etc/php/8.2/apache2 is assumed" in one.guess


def test_what_cannot_be_opened_is_a_problem_with_its_line():
    problems = start({"/etc/php/php.ini": "\nextension=gone"}).problems
    assert any(problem.startswith("/etc/php/php.ini:2: /lib/php/gone.so") for problem in problems)
