"""LoadFile and LoadModule by bare names: below ServerRoot, else by the library search."""

import json
import shutil
import subprocess
import sys

import pytest

from hostprobe.facts.plan import Open
from tests.oracle.httpd import compare_httpd, linkage_of, log_of, with_foreign
from tests.oracle.ld_debug import ENVIRONMENT, read
from tests.real.build import shared_object
from tests.real.httpd import Httpd, module_path

pytestmark = pytest.mark.real

EXAMPLE = ("libexample.so", "int example(void) { return 1; }", "-Wl,-soname,libexample.so")
BARE = ("LoadFile libssl.so.3", "LoadFile libexample.so", "LoadModule env_module mod_env.so")


@pytest.fixture
def httpd(tmp_path):
    tmp_path.chmod(0o755)
    one = Httpd(("headers",), before=BARE, environment={"LD_LIBRARY_PATH": f"{tmp_path}:/nowhere"})
    shutil.copy(shared_object(*EXAMPLE), tmp_path)
    shutil.copy(module_path("env"), tmp_path)
    return one


def judged(httpd, plan):
    """The simulated process, which glibc agrees with."""
    httpd.environment |= {**ENVIRONMENT, "LD_DEBUG_OUTPUT": str(log_of(httpd))}
    with httpd:
        record = read(log_of(httpd), httpd.pid, str(httpd.binary))
        return compare_httpd(with_foreign(plan, record), record)


def names(plan):
    return [one.path for one in plan.operations if isinstance(one, Open)][:3]


def test_what_is_not_below_server_root_is_searched_for(httpd, tmp_path):
    plan = linkage_of(httpd).plan
    assert names(plan) == ["libssl.so.3", "libexample.so", "mod_env.so"]
    process = judged(httpd, plan)
    found = {one.soname or one.path: one.path for one in process.objects}
    assert found["libexample.so"] == f"{tmp_path}/libexample.so"
    assert found["libssl.so.3"] == "/lib/x86_64-linux-gnu/libssl.so.3"
    assert f"{tmp_path}/mod_env.so" in found.values()


def test_what_is_below_server_root_is_a_path(httpd):
    shutil.copy(shared_object(*EXAMPLE), httpd.root)
    plan = linkage_of(httpd).plan
    assert names(plan) == ["libssl.so.3", f"{httpd.root}/libexample.so", "mod_env.so"]
    judged(httpd, plan)


def test_the_command_shows_where_they_are_found(httpd, tmp_path):
    httpd.write_environment()
    command = [sys.executable, "-m", "hostprobe", "bindings", "--config", httpd.config]
    command += ["--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    objects = {each["path"]: each for each in json.loads(done.stdout)["objects"]}
    assert objects[f"{tmp_path}/libexample.so"]["found_by"] == "ld_library_path"
    assert objects["/lib/x86_64-linux-gnu/libssl.so.3"]["found_by"] == "cache"
    assert objects["/lib/x86_64-linux-gnu/libssl.so.3"]["requester"].endswith("libapr-1.so.0")
