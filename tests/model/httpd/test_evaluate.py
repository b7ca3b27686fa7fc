"""What httpd would make of a configuration."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.httpd import ModuleLoad, Where
from hostprobe.model.httpd import reading
from hostprobe.model.httpd.evaluate import DEEPEST_INCLUDE
from tests.model.httpd.configuration import HOST, MACRO, fatal, messages, module, read, shown
from tests.model.memory_files import FIFO

LOAD_X = "LoadModule x_module m/x.so\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A b c", ["A b c"]),
        ("a", ["a"]),
        ("A 'b c' \"d\"", ["A b c d"]),
        ("<A b>\nB c\n</A>\nA d", [["<A b", "B c"], "A d"]),
        ("<a>\n</A>", [["<a"]]),
        ("<A b", [["<A b"]]),
        ("<If \"a > 'b'\">\nA b\n</If>", [["<If a > 'b'", "A b"]]),
        ("<Else>\nA c\n</Else>", [["<Else", "A c"]]),
        ("<IfModule x_module>\nA b\n</IfModule>", []),
        (LOAD_X + "<IfModule x_module>\nA b\n</IfModule>", ["A b"]),
        ("<IfModule x_module>\nA b\n</IfModule>\n" + LOAD_X, []),
        (LOAD_X + "<IfModule mod_x.c>\nA b\n</IfModule>", ["A b"]),
        (LOAD_X + "<IfModule MOD_x.c>\nA b\n</IfModule>", []),
        (LOAD_X + "<IfModule !mod_x.c>\nA b\n</IfModule>", []),
        ("LoadModule mpm_event_module m/event.so\n<IfModule event.c>\nA b\n</IfModule>", ["A b"]),
        ("<IfModule mod_so.c>\nA b\n</IfModule>", ["A b"]),
        ("<IfDefine X>\nA b\n</IfDefine>", []),
        ("Define X\n<IfDefine X>\nA b\n</IfDefine>", ["A b"]),
        ("Define X\nUnDefine X\n<IfDefine !X>\nA b\n</IfDefine>", ["A b"]),
        ("Define X y\nA ${X}${x}", ["A yy"]),
        ('Define X "y z"\nA ${X}', ["A y z"]),
        ("Define X y\nA '${X}'", ["A y"]),
        ("Define X <B\nDefine Y b\n${X}>\n</B>\n${Y}", [["<B"], "b"]),
        ("<IfVersion >= 2.4>\nA b\n</IfVersion>", ["A b"]),
        ("<IfFile m/x.so>\nA b\n</IfFile>", ["A b"]),
        ("<IfFile m/y.so>\nA b\n</IfFile>", []),
        ("<IfDirective a>\nA b\n</IfDirective>", ["A b"]),
        ("<IfSection virtualhost>\nA b\n</IfSection>", ["A b"]),
        ("<IfDirective X>\nA b\n</IfDirective>", []),
        ("<IfModule y>\n<A>\n<IfModule z>\n</IfModule>\n</A>\n</IfModule>\nA b", ["A b"]),
        ("<IfModule y>\n<a>\n</A>\n# </IfModule>\n</ifmodule>\nA b", ["A b"]),
        ("<A b>\n<IfDefine !X>\nB c\n</IfDefine>\nB d\n</A>", [["<A b", "B c", "B d"]]),
        (MACRO + "<Macro M $a>\nA $a\n</Macro>\nUse m b\nUSE M c", ["A b", "A c"]),
        (MACRO + "<Macro M>\n<A>\n</Macro>\nUse M\nB c\n</A>", [["<A", "B c"]]),
        (MACRO + "<Macro M @a>\nA @a\n</Macro>\nUse M 'b \"c'", ['A b "c']),
        (MACRO + "<Macro M $a $ab>\nA $ab$a\n</Macro>\nUse M 1 2", ["A 21"]),
        (MACRO + "<Macro M $a>\nA ${V$a}\n</Macro>\nDefine V1 x\nUse M 1", ["A x"]),
    ],
)  # fmt: skip
def test_directives_are_kept_as_httpd_keeps_them(text, expected):
    configuration = read(text)
    assert shown(configuration.directives) == expected
    assert not fatal(configuration) or text == "<A b"


def test_a_section_keeps_its_brackets_in_the_raw_text_only():
    (section,) = read('<Directory "/a b">\n</Directory>').directives
    assert (section.name, section.key) == ("<Directory", "<directory")
    assert (section.args, section.raw, section.children) == (("/a b",), '"/a b">', ())


def test_every_directive_knows_its_lines_and_its_way():
    configuration = read(
        MACRO + "Include a.conf\n<Macro M>\n\nA in \\\n  macro\n</Macro>\n",
        {"/e/a.conf": "# nothing\nInclude b.conf\n", "/e/b.conf": "A b\nUse M\n"},
    )
    assert [d.where for d in configuration.directives] == [
        Where("/e/b.conf", 1, 1, ("/e/main.conf:2", "/e/a.conf:2"))
    ]
    configuration = read(MACRO + "<Macro M>\n\nA in \\\n  macro\n</Macro>\nUse M\n")
    assert [d.where for d in configuration.directives] == [
        Where("/e/main.conf", 4, 5, ("macro m used at /e/main.conf:7",))
    ]


def test_directives_of_the_command_line_surround_the_file():
    configuration = read(
        "A b\n", before=("Define X",), after=("<IfDefine X>", "A c", "</IfDefine>")
    )
    assert shown(configuration.directives) == ["A b", "A c"]
    assert configuration.directives[1].where == Where("-c", 0, 0)


def test_the_environment_is_asked_after_the_defines():
    configuration = read(
        "A ${HOME} ${home} ${A}\nDefine A x\nA ${A}", environment={"HOME": "/root", "A": "env"}
    )
    assert shown(configuration.directives) == ["A /root ${home} env", "A x"]
    assert messages(configuration) == ["Config variable ${home} is not defined"]


def test_loads_are_listed_in_order_with_absolute_paths():
    configuration = read(
        "LoadModule x_module m/x.so\nLoadFile /e/m/x.so libz.so.1\nLoadModule x_module m/y.so\n"
        "LoadModule here_module here.so\n",
        {"/e/here.so": module("here_module")},
    )
    at = [Where("/e/main.conf", line, line) for line in range(5)]
    assert configuration.loads == (
        ModuleLoad("/e/m/x.so", "x_module", at[1]),
        ModuleLoad("/e/m/x.so", None, at[2]),
        ModuleLoad("libz.so.1", None, at[2]),
        ModuleLoad("/e/here.so", "here_module", at[4]),
    )
    assert messages(configuration) == ["module x_module is already loaded, skipping"]


def test_a_missing_module_is_fatal_and_everything_else_is_still_read():
    configuration = read("LoadModule y_module m/y.so\n<IfModule mod_y.c>\nA b\n</IfModule>\n")
    assert fatal(configuration) == ["Cannot load m/y.so into server: /e/m/y.so does not exist"]
    assert [load.path for load in configuration.loads] == ["/e/m/y.so"]
    assert shown(configuration.directives) == ["A b"]


def test_server_root_moves_relative_paths():
    configuration = read(
        "ServerRoot /r\nInclude c/*.conf\nLoadModule x_module x.so",
        {"/r/c/a.conf": "A b", "/r/x.so": HOST["/e/m/x.so"]},
    )
    assert configuration.files == ("/e/main.conf", "/r/c/a.conf")
    assert configuration.loads[0].path == "/r/x.so"
    assert configuration.problems == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("</A>", "</A> without matching <A section"),
        ("<A>\n</B>\n</A>", "Expected </a> but saw </B>"),
        ("<A>\n</A\n</A>", "</A> directive missing closing '>'"),
        ("<A>", "<A> was not closed"),
        ("<IfModule !x>\n</A>\n</IfModule>", "</A> without matching <A section"),
        ("<IfModule x>\n<A>\n</IfModule>\n</IfModule>", "Expected </a> but saw </IfModule>"),
        ("<IfModule x>", "Expected </IfModule> before end of configuration"),
        ("<IfModule x", "<ifmodule> directive missing closing '>'"),
        ("<IfModule>\n</IfModule>", "<ifmodule> directive requires additional arguments"),
        ("<IfVersion x>\n</IfVersion>", "Version appears to be invalid."),
        ("Include", "Include takes one argument"),
        ("Include a b", "Include takes one argument"),
        ("Include nowhere.conf", "/e/nowhere.conf: no such file"),
        ("Include nowhere/*.conf", "Could not open directory /e/nowhere: not a directory"),
        ("Include m/*.conf", "No matches for the wildcard '*.conf' in '/e/m', failing"),
        ("LoadModule x", "LoadModule takes two arguments"),
        ("LoadFile", "LoadFile requires at least one argument"),
        ("LoadModule so_module m/x.so", "module so_module is built-in and can't be loaded"),
        ("Define", "Define takes 1-2 arguments"),
        ("Define a:b", "Variable name must not contain ':'"),
        ("UnDefine a b", "UnDefine takes one argument"),
        ("ServerRoot /nowhere", "ServerRoot must be a valid directory: /nowhere"),
        ("ServerRoot", "ServerRoot takes one argument"),
        ("Use M", "macro 'M' undefined"),
        ("<Macro M>\n</Macro>", "Invalid command '<Macro': mod_macro is not loaded"),
        (MACRO + "<Macro M>\n", "macro 'm': expected token not found: </Macro>"),
        (MACRO + "<Macro>\n</Macro>", "<Macro> definition: name not found"),
        (MACRO + "<Macro M $a $a>\n</Macro>", "macro 'm': argument name conflict"),
        (MACRO + "<Macro M ''>\n</Macro>", "macro 'm': empty argument name"),
        (MACRO + "<Macro M>\nUse M\n</Macro>\nUse M", "recursive use of macro 'm' is invalid"),
        (MACRO + "<Macro M $a>\nA $a\n</Macro>\nUse M", "macro 'm' used with 0 arguments instead"),
        (MACRO + "UndefMacro m", "cannot remove undefined macro 'm'"),
        ('Error "no good"', "no good"),
        ("Unknown x", "Invalid command 'unknown', misspelled or of a module that is not loaded"),
    ],
)  # fmt: skip
def test_what_httpd_refuses_is_fatal_and_the_rest_is_still_read(text, message):
    configuration = read(text + "\nA after\n" if text != "<A>" else text)
    assert any(found.startswith(message) for found in fatal(configuration)), messages(configuration)
    assert all(problem.where for problem in configuration.problems)
    if "was not closed" not in message and "before end" not in message and "found" not in message:
        assert "A after" in str(shown(configuration.directives)) or "missing closing" in message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<IfDefine !X>\n<A>\n", "<IfDefine> was not closed; httpd accepts it"),
        ("A ${X}\nA ${X}\n", "Config variable ${X} is not defined"),
        ("<Perl>\n  if (1 > 2) { <foo> }\n</Perl>", "<Perl: a program, not evaluated"),
        ("Perl print 1", "Perl: a program, not evaluated"),
        ("<LuaHookFixups x>\n<a\n</LuaHookFixups>", "<LuaHookFixups: a program, not"),
    ],
)
def test_what_httpd_accepts_is_only_noted(text, message):
    configuration = read(text)
    assert fatal(configuration) == []
    assert sum(found.startswith(message) for found in messages(configuration)) == 1


def test_directives_are_not_called_unknown_where_a_module_could_not_be_read():
    configuration = read("LoadModule z_module m/z.so\nZ", {"/e/m/z.so": b"no module"})
    assert fatal(configuration) == []
    assert messages(configuration) == ["/e/m/z.so: module names are guessed, it could not be read"]


def test_a_file_that_includes_itself_ends_at_httpds_limit():
    configuration = read("A b\nInclude main.conf\nInclude main.conf\nA c\n")
    assert fatal(configuration) == [
        f"Exceeded maximum include depth of {DEEPEST_INCLUDE}, a recursion"
    ]
    assert shown(configuration.directives).count("A b") == DEEPEST_INCLUDE + 1
    assert configuration.files == ("/e/main.conf",)


def test_a_file_may_include_itself_until_a_define_ends_it():
    text = "<IfDefine !X>\nDefine X\nA b\nInclude main.conf\n</IfDefine>\nA c\n"
    configuration = read(text)
    assert shown(configuration.directives) == ["A b", "A c", "A c"]
    assert configuration.problems == ()


def test_fifos_and_directories_among_included_files_are_named_and_the_rest_is_read():
    configuration = read(
        "Include c/*\n", {"/e/c/a": "A a", "/e/c/fifo": FIFO, "/e/c/sub/b": "A b", "/e/c/z": "A z"}
    )
    assert shown(configuration.directives) == ["A a", "A b", "A z"]
    assert fatal(configuration) == ["/e/c/fifo: not a regular file"]


def test_a_missing_main_file_is_one_fatal_problem():
    configuration = (
        read("", config_file="other.conf") if False else read("", before=("ServerRoot /",))
    )
    assert fatal(configuration) == ["/main.conf: no such file"]


def test_lines_that_multiply_through_macros_and_includes_stop_at_the_limit(monkeypatch):
    monkeypatch.setattr(reading, "MOST_LINES", 2000)
    doubling = "".join(
        f"<Macro m{level}>\nUse m{level + 1}\nUse m{level + 1}\n</Macro>\n" for level in range(60)
    )
    configuration = read(MACRO + doubling + "<Macro m60>\nA\n</Macro>\nUse m0\nA after\n")
    assert shown(configuration.directives)[-1] == "A after"
    assert "more than 2000 lines in all" in messages(configuration)[0]
    files = {f"/e/{n}": f"Include {n + 1}\nInclude {n + 1}\n" for n in range(60)} | {"/e/60": "A"}
    configuration = read("Include 0", files)
    assert "more than 2000 lines in all" in messages(configuration)[0]


def test_nothing_is_read_behind_the_limit(monkeypatch):
    monkeypatch.setattr(reading, "MOST_LINES", 20)
    files = {f"/e/{n}": "A\n" * 30 for n in range(3)}
    configuration = read("Include 0\nInclude 1\nInclude 2", files)
    assert configuration.files == ("/e/main.conf", "/e/0")
    assert configuration.unread == ("its configuration has too many lines",)


def test_sections_deeper_than_any_server_needs_are_flattened():
    text = "".join(f"<A {n}>\n" for n in range(1000)) + "B\n" + "</A>\n" * 1000 + "A after"
    configuration = read(text)
    depth, level = 0, configuration.directives
    while level and level[0].children:
        depth, level = depth + 1, level[0].children
    assert depth == reading.DEEPEST_SECTION
    assert shown(configuration.directives)[-1] == "A after"
    assert fatal(configuration) == []


@pytest.mark.parametrize(
    "text",
    [
        "<IfDefine !X>\n" * 50_000 + "<A>\n</A>\n" * 50_000,
        "<A>\n" * 50_000 + "</B>\n" * 50_000,
        "<IfDefine X>\n" * 50_000 + "</IfDefine>\n" * 50_000,
        "<IfDefine X>\n" * 50_000 + "</IfModule>\n" * 50_000,
        "A " + "${" * 200_000,
        "A " + "${A" * 100_000 + "}" * 100_000,
        "Define A aaaaaaaaaa\n" + "Define A ${A}${A}\n" * 60 + "A ${A}\n" * 1000,
        "A " + "\"'" * 200_000,
        "A " + "\\" * 400_000,
    ],
)
def test_hostile_nesting_takes_linear_time(text):
    read(text)


WORDS = [
    "<IfDefine X>", "</IfDefine>", "<A>", "</A>", "<Macro m $a>", "</Macro>", "Use m 1", "A $a",
    "Include main.conf", "Define X ${X}1", "</", "<", ">", '"<A', "<IfModule !y>", "</IfModule>",
    "LoadModule x m/x.so", "ServerRoot /e/m", "<Perl>", "Include *", "\\",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_order_of_constructs_is_read(monkeypatch_lines, parts):
    read(MACRO + "\n".join(parts))


@pytest.fixture(scope="module")
def monkeypatch_lines():
    """A low limit keeps recursive inputs cheap."""
    before, reading.MOST_LINES = reading.MOST_LINES, 2000
    yield
    reading.MOST_LINES = before


@given(st.text())
def test_any_text_is_read(text):
    read(text.replace("Include", "A"))
