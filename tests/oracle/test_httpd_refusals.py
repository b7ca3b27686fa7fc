"""What we call fatal httpd refuses, and what it accepts we do not call fatal."""

import subprocess

import pytest

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from tests.oracle import dump_config

pytestmark = pytest.mark.real

FRAME = """DefaultRuntimeDir {root}
PidFile {root}/pid
ErrorLog {root}/log
ServerName x
Listen 127.0.0.1:8099
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule alias_module /usr/lib/apache2/modules/mod_alias.so
"""
MACRO = "LoadModule macro_module /usr/lib/apache2/modules/mod_macro.so\n"

CASES = [
    "",
    "Alias /a /b",
    "Unknown x",
    "<Unknown>\n</Unknown>",
    "</Directory>",
    "<Directory />",
    "<Directory />\n</Location>",
    "<Directory />\n</Directory",
    "<IfModule x>",
    "<IfModule !x>",
    "<IfModule !x>\n<Directory />\n",
    "<IfModule !x>\n</Directory>",
    "<IfModule x>\n</Directory>",
    "<IfModule x>\n<A>\n</IfModule>\n</A>",
    "<IfModule !x>\n</IfModule> junk",
    "<IfModule x",
    "<IfModule !x>\n</IfModule>junk\n</IfModule>",
    "<IfModule x>\n</IfModule> junk",
    "<IfModule>\n</IfModule>",
    "<IfModule  >\n</IfModule>",
    "<IfModule ! x >\n</IfModule>",
    "<IfVersion x>\n</IfVersion>",
    "<IfVersion >= 2.4.x>\n</IfVersion>",
    "<IfVersion 2.4\n",
    "<IfVersion ! 2.4>\n</IfVersion>",
    "<IfVersion !~ [>\n</IfVersion>",
    "<IfVersion>\n</IfVersion>",
    "<IfVersion ~= 2>\n</IfVersion>",
    "<IfVersion <= 2.4.1.1>\n</IfVersion>",
    "<IfVersion = /x>\n</IfVersion>",
    "<IfVersion = //>\n</IfVersion>",
    "<IfVersion > .>\n</IfVersion>",
    "Include",
    "Include a b",
    "Include nowhere",
    "Include nowhere/*",
    "IncludeOptional nowhere/*",
    "Include /dev/null",
    "Include /dev/zero",
    "Include {root}/*.none",
    "Include {root}/*/none/x*",
    "LoadModule x",
    "LoadModule x {root}/x.so",
    "LoadModule so_module x",
    "LoadModule core_module x",
    "LoadModule alias_module x",
    "LoadFile",
    "LoadFile {root}/x",
    "LoadFile libz.so.1",
    "Define",
    "Define a b c",
    "Define a:b",
    "UnDefine",
    "UnDefine a:b",
    "UnDefine nothing",
    "ServerRoot /nowhere",
    "ServerRoot",
    "ServerRoot {root}",
    "Alias ${{X}} /x",
    "Define X </Directory>\n<Directory />\n${{X}}",
    "Error boom",
    "<Location />\nError boom\n</Location>",
    "<Macro x>\n</Macro>",
    MACRO + "<Macro x>",
    MACRO + "<Macro x\n</Macro>",
    MACRO + "Use x",
    MACRO + "<Macro>\n</Macro>",
    MACRO + "<Macro x $a $a>\n</Macro>",
    MACRO + "<Macro x ''>\n</Macro>",
    MACRO + "<Macro x>\nUse x\n</Macro>\nUse x",
    MACRO + "<Macro x>\nUse x\n</Macro>",
    MACRO + "<Macro x $a>\nAlias /$a /b\n</Macro>\nUse x",
    MACRO + "UndefMacro x",
    MACRO + "<Macro x>\n<Directory />\n</Macro>\nUse x\n</Directory>",
    MACRO + "<Macro x>\n<Directory />\n</Macro>\nUse x",
    MACRO + "<Macro x>\n</Macro>\nUse x a",
    MACRO + "<Macro x>\n" + "A" * 9000 + "\n</Macro>",
    MACRO + "<Macro x>\n</Macro> junk\nUse x",
    MACRO + "<Macro x>\n</Macro>\nUndefMacro x\nUse x",
    "Include {root}/main.conf",
    MACRO + "<Macro x $a>\nAlias /$a$a$a /b\n</Macro>\nUse x " + "y" * 4000,
]


DIFFERENT = {
    "LoadFile libnowhere.so": "whether a bare name is found is the loader model's to say",
    MACRO + "<Macro x>\n#" + "x" * 9000 + "\n</Macro>": "comments are dropped with any length",
    'Alias /a "' + "b" * (16 << 20) + '"': "over hostprobe's own limit of a file, so not judged",
}
"""What httpd refuses and we do not, with the reason."""


def judged(text, root):
    """(what we call fatal, whether httpd refuses)."""
    config = root / "main.conf"
    config.write_text((FRAME + text).format(root=root) + "\n")
    files = LiveFiles("/")
    start = HttpdStart(dump_config.BINARY, str(config), "/etc/apache2", environment={})
    configuration = evaluate(files, start, files.read(start.binary, HttpdBuild))
    command = [start.binary, "-f", str(config), "-t"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    fatal = [problem.message for problem in configuration.problems if problem.fatal]
    return fatal, bool(done.returncode)


@pytest.mark.parametrize("text", CASES, ids=lambda text: text[:40].replace("\n", "|"))
def test_httpd_agrees_on_what_is_fatal(text, tmp_path):
    fatal, is_refused = judged(text, tmp_path)
    assert bool(fatal) == is_refused


@pytest.mark.parametrize("text", DIFFERENT, ids=lambda text: text[:40].replace("\n", "|"))
def test_a_known_difference_is_still_one(text, tmp_path):
    assert judged(text, tmp_path) == ([], True)
