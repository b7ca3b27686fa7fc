from hostprobe.facts.files import Absent, Missing
from hostprobe.facts.host import HostIdentity
from hostprobe.facts.request import Request
from hostprobe.inspection import PROVIDERS, Inspection
from hostprobe.model.instance import Topology
from hostprobe.model.linkage import Linkages
from tests.model.memory_files import MemoryFiles

HOST = HostIdentity("web1", "Linux 9", None, "x86_64", "/", is_live=True, privileged=True)
CONFIG = "WSGIScriptAlias / /srv/a.wsgi\n"


def inspection(contents=None, **request):
    phrases = []
    found = Inspection(MemoryFiles(contents or {}), HOST, Request(**request), phrases.append)
    return found, phrases


def test_without_httpd_every_model_is_absent():
    found, _ = inspection()
    for kind in (Topology, Linkages):
        assert isinstance(PROVIDERS[kind](found), Absent)


def test_a_configuration_that_is_not_there_is_missing_not_absent():
    found, _ = inspection(config="/none.conf")
    assert isinstance(found.topology, Missing)
    assert isinstance(found.linkages, Missing)


def test_a_model_is_computed_once():
    found, phrases = inspection(
        {"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG}, config="/etc/x.conf"
    )
    assert found.topology is found.topology
    assert found.linkages is found.linkages
    assert len(phrases) == len(set(phrases)) == 4


def test_a_given_configuration_is_one_instance():
    found, _ = inspection({"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG}, config="/etc/x.conf")
    assert [instance.name for instance in found.topology.instances] == ["/etc/x.conf"]


def test_given_extensions_belong_to_every_instance():
    found, _ = inspection(
        {"/usr/sbin/httpd": b"", "/etc/x.conf": CONFIG},
        config="/etc/x.conf",
        extensions=("/venv/_fast.cpython-311.so",),
        python="/opt/python",
    )
    (linkage,) = found.linkages.all
    assert linkage.extra[0].module == "_fast"
    assert linkage.interpreter_path == "/opt/python"


def test_where_httpd_could_be_hidden_nothing_is_absent():
    found, _ = inspection()
    stat = found.files.stat
    denied = Missing("/usr/sbin/httpd: permission denied")
    found.files.stat = lambda path: denied if path == "/usr/sbin/httpd" else stat(path)
    assert found.topology == Missing(
        "It is not known whether httpd is installed: /usr/sbin/httpd: permission denied"
    )


def test_where_mod_wsgi_could_be_hidden_python_is_not_absent():
    denied = Missing("/etc/b.conf: permission denied")
    contents = {"/usr/sbin/httpd": b"", "/etc/x.conf": "Include b.conf\n", "/etc/b.conf": denied}
    reason = f"It is not known whether httpd loads mod_wsgi: {denied.reason}"
    found, _ = inspection(contents, config="/etc/x.conf", before=("ServerRoot /etc",))
    assert found.python_topology == Missing(reason)
    contents["/etc/b.conf"] = ""
    found, _ = inspection(contents, config="/etc/x.conf", before=("ServerRoot /etc",))
    assert isinstance(found.python_topology, Absent)
