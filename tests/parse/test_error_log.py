"""Lines of error logs: what is recognised, about whom, when; and what is passed over."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.signatures import BY_ID, CODES, ORDINARY, SIGNATURES
from hostprobe.parse.error_log import (
    LONGEST_LINE,
    ErrorLogReading,
    literal,
    parse_error_log,
    sample_of,
    time_of,
)

TIME = "[Fri Nov 27 05:22:01.652118 2026] "
DAEMON = TIME + "[wsgi:error] [pid 77:tid 140] [remote 192.0.2.7:1] "
EMBEDDED = TIME + "[wsgi:error] [pid 77] [client 192.0.2.7:1] "
SO = "/venv/lib/python3.11/site-packages/shop/_fast.so"

LINES = {
    "process-crashed": "[core:notice] [pid 1] AH00052: child pid 77 exit signal Aborted (6)",
    "memory-corrupted": "free(): invalid pointer",
    "daemon-answer-missing": DAEMON + "WSGI0146: Daemon process 'shop' closed connection before",
    "daemon-answer-late": DAEMON + "Timeout when reading response headers from daemon process 's'",
    "python-not-started": "ModuleNotFoundError: No module named 'encodings'",
    "python-home-wrong": "mod_wsgi (pid=7): Python home /x is not a directory. Python interpreter",
    "python-replaced": "[wsgi:warn] [pid 1] mod_wsgi: Runtime using Python/3.11.9.",
    "python-fatal": "Fatal Python error: GC object already tracked",
    "daemon-identity": "mod_wsgi (pid=7): Unable to change to uid=33.",
    "daemon-home": "WSGI0010: Unable to change working directory to home directory '/h' for uid=9.",
    "daemon-socket": "(13)Permission denied: mod_wsgi (pid=7): Unable to connect to WSGI daemon "
    "process 'shop' on '/run/wsgi.1.0.1.sock' as user with uid=33.",
    "daemon-backlog": "mod_wsgi (pid=7): Unable to connect to WSGI daemon process 'shop' on "
    "'/run/wsgi.sock' after multiple attempts as listener backlog limit was exceeded",
    "thread-not-created": "mod_wsgi (pid=7): Couldn't create worker thread 45 in daemon.",
    "daemon-stopped": "mod_wsgi (pid=7): Unable to poll daemon socket. Shutting down daemon "
    "process.",
    "limit-not-set": "mod_wsgi (pid=7): Couldn't set memory limit of 5 for process 'shop'.",
    "locale-unsupported": "mod_wsgi (pid=7): Unsupported locale setting x specified",
    "group-undefined": EMBEDDED + "No WSGI daemon process called 'g' has been configured: /a.wsgi",
    "embedded-disabled": EMBEDDED + "Embedded mode of mod_wsgi disabled by runtime configuration",
    "script-unreadable": "(13)Permission denied: mod_wsgi (pid=7, process='s', application='a'): "
    "Could not read/compile source file '/a.wsgi'.",
    "script-failed": "mod_wsgi (pid=7): Failed to exec Python script file '/a.wsgi'.",
    "application-missing": "mod_wsgi (pid=7): Target WSGI script '/a.wsgi' does not contain WSGI "
    "application 'application'.",
    "script-rights": "WSGI0157: WSGI script file is writable to world",
    "path-denied": "AH00035: access to /x denied (filesystem path '/srv/x') because search",
    "configuration-refused": "[:emerg] [pid 5] AH00020: Configuration Failed, exiting",
    "openssl-older": "AH01882: Init: this version of mod_ssl was compiled against a newer library",
    "mod-python-beside": "mod_wsgi (pid=7): The mod_python module can not be used in conjunction",
    "gil-per-interpreter": "WSGI0198: WSGIPerInterpreterGIL requires Python 3.12 or later",
    "free-threading": "WSGI0200: WSGIFreeThreading On has no effect",
    "signal-ignored": "mod_wsgi (pid=7): Callback registration for signal 15 ignored.",
    "stdout-restricted": "OSError: sys.stdout access restricted by mod_wsgi",
    "stdin-restricted": "OSError: sys.stdin access restricted by mod_wsgi",
    "map-refused": f"ImportError: {SO}: failed to map segment from shared object",
    "static-tls": f"ImportError: {SO}: cannot allocate memory in static TLS block",
    "executable-stack": f"ImportError: {SO}: cannot enable executable stack as shared object",
    "text-relocation": f"ImportError: {SO}: cannot make segment writable for relocation:",
    "version-not-found": f"ImportError: {SO}: version `V_3' not found (required by x)",
    "symbol-undefined": f"ImportError: {SO}: undefined symbol: XML_SetHashSalt",
    "library-missing": "ImportError: libx.so.3: cannot open shared object file: No such file",
    "subinterpreter-refused": "ImportError: module x.y does not support loading in subinterpreters",
    "second-interpreter": "ImportError: Interpreter change detected - this module can only be",
    "numpy-in-subinterpreter": "UserWarning: NumPy was imported from a Python sub-interpreter but",
    "restricted-mode": "RuntimeError: cannot unmarshal code objects in restricted execution mode",
    "import-lock": "ImportError: Failed to import _strptime because the import lockis held by "
    "another thread.",
    "execmem-denied": "MemoryError: Cannot allocate write+execute memory for ffi.callback().",
    "egg-cache": "pkg_resources.ExtractionError: Can't extract file(s) to egg cache",
    "oracle-name": "cx_Oracle.DatabaseError: ORA-06413: Connection not open.",
    "hashlib-without-openssl": "ImportError: No module named _md5",
    "script-pickled": "ModuleNotFoundError: No module named '_mod_wsgi_" + "0a" * 16 + "'",
    "null-without-exception": "SystemError: <x> returned NULL without setting an exception",
    "libxml2-mixed": "xmlsec.InternalError: (-1, 'lxml & xmlsec libxml2 library version mismatch')",
    "curl-mixed": "ImportError: pycurl: libcurl link-time ssl backend (openssl) is different",
    "permission-denied": "PermissionError: [Errno 13] Permission denied: '/root/.cache'",
    "mod-wsgi-event": "WSGI0083: Unable to stat target WSGI script '/a.wsgi'",
}
"""A line of each signature, as real servers and packages write it."""

ORDINARY_LINES = [
    TIME + "[mpm_event:notice] [pid 1:tid 1] AH00489: Apache/2.4.71 (Debian) mod_wsgi/4.9.4 "
    "Python/3.11 configured -- resuming normal operations",
    TIME + "[core:notice] [pid 1] AH00094: Command line: '/usr/sbin/apache2'",
    TIME
    + "[mpm_prefork:notice] [pid 1] AH00163: Apache/2.4 configured -- resuming normal operations",
    TIME + "[mpm_prefork:notice] [pid 1] AH00171: Graceful restart requested, doing restart",
    TIME + "[mpm_event:notice] [pid 1:tid 1] AH00491: caught SIGTERM, shutting down",
    TIME + "[core:warn] [pid 1] AH00045: child process 8 still did not exit, sending a SIGTERM",
    TIME + "[core:notice] [pid 1] AH00052: child pid 8 exit signal Terminated (15)",
    TIME + "[authz_core:error] [pid 8] [client 1.2.3.4:5] AH01630: client denied by server",
    DAEMON + "ValueError: invalid literal for int() with base 10: 'x'",
    DAEMON + "mod_wsgi (pid=7): Exception occurred processing WSGI script '/a.wsgi'.",
    DAEMON + "WSGI0174: ValueError exception raised processing WSGI script '/a.wsgi' for x.",
    DAEMON + "WSGI0118: Unable to proxy response to client",
    TIME + "[wsgi:info] [pid 7] mod_wsgi (pid=7): Starting process 'shop' with uid=33, gid=33",
    TIME + "[php:warn] [pid 7] PHP Warning:  foo(): bar in /var/www/x.php on line 3",
    TIME + "[php:error] [pid 7] PHP Fatal error:  Uncaught Error: Call to undefined function x()",
    "ModuleNotFoundError: No module named 'shop'",
    "ImportError: cannot import name 'x' from 'y' (/srv/y.py)",
    "",
]


def only(text):
    (match,) = parse_error_log(text.encode()).matches
    return match


@pytest.mark.parametrize("signature", BY_ID)
def test_every_signature_has_a_line_that_it_and_no_other_takes(signature):
    assert only(TIME + LINES[signature]).signature == signature


@pytest.mark.parametrize("line", ORDINARY_LINES, ids=lambda line: line[-40:])
def test_an_ordinary_line_is_none(line):
    assert parse_error_log(f"{line}\n".encode()).matches == ()


@pytest.mark.parametrize("text", [text for row in SIGNATURES for text in row.texts])
def test_what_must_be_in_a_line_is_in_every_match(text):
    required = re.compile(text)
    part = literal(text).decode()
    assert len(part) >= 4
    for line in LINES.values():
        assert not required.search(line) or part in line


def test_hashlib_says_it_in_its_own_way():
    assert (
        only("ERROR:root:code for hash md5 was not found.").signature == "hashlib-without-openssl"
    )


@pytest.mark.parametrize(
    "line", ["Uncaught Error: OSError: {}", "Error: x.y.OSError: {}", "OSError: {}"]
)
def test_an_exception_is_found_behind_others(line):
    assert only(line.format(LINES["stdin-restricted"])).signature == "stdin-restricted"


def test_codes_are_disjoint_and_complete():
    assert set(CODES).isdisjoint(ORDINARY)
    assert set(CODES) | ORDINARY == set(range(1, 211))
    assert sum(len(row.codes) for row in SIGNATURES) == len(CODES)


def test_a_line_tells_script_group_time_and_count():
    line = (
        DAEMON + "Truncated or oversized response headers received from daemon process 'shop': "
        "/srv/shop.wsgi, referer: http://x/y?token=1\n"
    )
    found = only(line + line.replace("05:22:01", "06:00:00"))
    assert (found.script, found.group, found.count) == ("/srv/shop.wsgi", "shop", 2)
    assert (found.first, found.last) == ("2026-11-27 05:22:01", "2026-11-27 06:00:00")
    assert found.sample.endswith("/srv/shop.wsgi")


def test_a_traceback_is_about_the_script_that_its_thread_named():
    other = EMBEDDED.replace("77", "78") + "mod_wsgi (pid=78): Exception occurred processing WSGI "
    text = (
        EMBEDDED + "mod_wsgi (pid=77): Failed to exec Python script file '/srv/shop.wsgi'.\n"
        f"{other}script '/srv/blog.wsgi'.\n"
        f"{EMBEDDED}Traceback (most recent call last):\n"
        f"{EMBEDDED}{LINES['static-tls']}\n"
    )
    failed, tls = parse_error_log(text.encode()).matches
    assert (failed.script, tls.script, tls.thing) == ("/srv/shop.wsgi", "/srv/shop.wsgi", SO)


def test_a_later_exception_of_the_same_process_is_about_no_script():
    text = (
        EMBEDDED
        + "mod_wsgi (pid=77): Exception occurred processing WSGI script '/srv/shop.wsgi'.\n"
        f"{EMBEDDED.replace('05:22', '05:44')}{LINES['stdout-restricted']}\n"
    )
    assert only(text).script == ""


def test_a_crash_is_about_the_group_that_the_process_named():
    text = (
        TIME
        + "[wsgi:info] [pid 77] mod_wsgi (pid=77): Starting process 'shop' with uid=33\n"
        + TIME
        + "[core:notice] [pid 1] AH00051: child pid 77 exit signal Segmentation fault (11), "
        "possible coredump in /etc/apache2\n"
    )
    assert only(text).group == "shop"


START = TIME + "[mpm_event:notice] [pid 1] AH00489: x configured -- resuming normal operations\n"
GRACEFUL = TIME + "[mpm_event:notice] [pid 1] AH00493: SIGUSR1 received.  Doing graceful restart\n"


@pytest.mark.parametrize(
    ("between", "recent"), [("", 1), (START, 0), (GRACEFUL + START, 1), (START + GRACEFUL, 0)]
)
def test_only_a_complete_start_makes_older_lines_past(between, recent):
    found = parse_error_log((LINES["memory-corrupted"] + "\n" + between).encode())
    assert found.matches[0].recent == recent
    assert found.has_start == (between.count(START) > between.count(GRACEFUL + START))


@pytest.mark.parametrize(
    ("line", "time"),
    [
        (b"[Thu May 12 08:28:57.652118 2011] [core:error] x", "2011-05-12 08:28:57"),
        (b"[Thu May 12 08:28:57 2011] [error] x", "2011-05-12 08:28:57"),
        (b"[Sun Mar  1 08:28:57.6 2026 +0100] x", "2026-03-01 08:28:57"),
        (b"[2026-03-01 08:28:57.652118] x", "2026-03-01 08:28:57"),
        (b"2026-03-01T08:28:57Z x", "2026-03-01 08:28:57"),
        (b"[core:error] [pid 1] x", ""),
        (b"[Foo Bar 12 08:28:57 2011] x", ""),
    ],
)
def test_the_time_of_a_line(line, time):
    assert time_of(line) == time


@pytest.mark.parametrize(
    "secret",
    ["password=hunter2", "DB_PASSWORD: hunter2", "token='hunter2'", "postgres://u:hunter2@db/x",
     "Authorization: Bearer hunter2", "GET /x?sid=hunter2", "api_key = hunter2"],
)  # fmt: skip
def test_a_sample_has_no_secret(secret):
    line = f"{DAEMON}RuntimeError: in restricted mode {secret} end".encode()
    assert "hunter2" not in sample_of(line)
    assert "192.0.2.7" not in sample_of(line)


def test_a_line_without_end_costs_no_memory_and_is_said():
    reading = ErrorLogReading()
    for _ in range(40):
        reading.feed(b"x" * LONGEST_LINE)
    reading.feed(b"\n" + LINES["oracle-name"].encode() + b"\n")
    found = reading.result()
    assert found.is_cut
    assert [one.signature for one in found.matches] == ["oracle-name"]


@pytest.mark.parametrize("tail", ["/", "aemon process: /", "process called '", "[pid 1]"])
def test_a_line_made_to_be_slow_is_not(tail):
    text = (tail * LONGEST_LINE)[:LONGEST_LINE] + "rror: : undefined symbol: aemon process"
    parse_error_log(f"{text}\n".encode() * 20)


@given(st.lists(st.sampled_from([*LINES.values(), *ORDINARY_LINES])), st.integers(1, 64))
def test_pieces_make_no_difference(lines, size):
    data = "\n".join(lines).encode()
    reading = ErrorLogReading()
    for start in range(0, len(data), size):
        reading.feed(data[start : start + size])
    assert reading.result() == parse_error_log(data)


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_log(data):
    assert parse_error_log(data).size == len(data)
