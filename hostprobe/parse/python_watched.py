"""Which calls of a source file are kept: those that some check asks for."""

MODULES = frozenset(
    {
        "MySQLdb",
        "asyncio",
        "atexit",
        "cPickle",
        "cffi",
        "cloudpickle",
        "ctypes",
        "cx_Oracle",
        "dill",
        "faulthandler",
        "fileinput",
        "getpass",
        "gettext",
        "joblib",
        "locale",
        "matplotlib",
        "multiprocessing",
        "oracledb",
        "os",
        "pdb",
        "pickle",
        "pkg_resources",
        "posix",
        "psycopg",
        "psycopg2",
        "pwd",
        "pymysql",
        "redis",
        "resource",
        "shelve",
        "shutil",
        "signal",
        "site",
        "smtplib",
        "socket",
        "sqlite3",
        "sqlobject",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
    }
)
"""Every function of these."""

NAMES = frozenset(
    {
        "codecs.open",
        "datetime.datetime.strptime",
        "django.conf.settings.configure",
        "django.core.wsgi.get_wsgi_application",
        "django.setup",
        "io.open",
        "logging.FileHandler",
        "logging.basicConfig",
        "logging.config.fileConfig",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "logging.handlers.WatchedFileHandler",
        "pathlib.Path.home",
    }
)

BUILTINS = frozenset(
    {
        "__import__",
        "breakpoint",
        "dict",
        "exec",
        "execfile",
        "globals",
        "input",
        "list",
        "locals",
        "open",
        "print",
        "raw_input",
        "set",
        "vars",
    }
)
"""Names that are known without an import."""

UNWATCHED = frozenset(
    {
        "dict",
        "list",
        "set",
        "os.fspath",
        "os.path.abspath",
        "os.path.basename",
        "os.path.dirname",
        "os.path.join",
        "os.path.normpath",
        "os.path.realpath",
        "os.path.split",
        "os.path.splitext",
        "time.monotonic",
        "time.perf_counter",
        "time.sleep",
        "time.time",
    }
)
"""They do nothing that matters, and are everywhere."""

METHODS = frozenset({"add_signal_handler", "create_function", "isatty", "set_trace"})
"""Methods whose name says enough, whatever their object is."""

PATH_METHODS = frozenset(
    {
        "chmod",
        "exists",
        "expanduser",
        "glob",
        "is_dir",
        "is_file",
        "iterdir",
        "mkdir",
        "open",
        "read_bytes",
        "read_text",
        "rename",
        "rmdir",
        "stat",
        "touch",
        "unlink",
        "write_bytes",
        "write_text",
    }
)
"""Methods of pathlib.Path that look at the file system."""

STREAMS = frozenset({"sys.stdin", "sys.stdout", "sys.__stdin__", "sys.__stdout__"})
"""Names whose mention is kept, call or not."""

MUTATORS = frozenset(
    {
        "add",
        "append",
        "appendleft",
        "clear",
        "discard",
        "extend",
        "insert",
        "pop",
        "popitem",
        "popleft",
        "remove",
        "setdefault",
        "sort",
        "update",
    }
)
"""Methods that change a list, set, dictionary or deque."""


def is_watched(name: str) -> bool:
    """A call of that dotted name is kept."""
    if name in UNWATCHED:
        return False
    return name.partition(".")[0].removesuffix("()") in MODULES or name in NAMES | BUILTINS
