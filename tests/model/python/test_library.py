"""Applications with directories of their own share what the libraries import, and nothing else."""

import pytest

from hostprobe.model.python.library import Library
from tests.model.linked_host import environment
from tests.model.memory_files import MemoryFiles

HOST = {
    "/lib/json/__init__.py": "import re\nfrom . import decoder\n",
    "/lib/json/decoder.py": "import struct\n",
    "/lib/re.py": "import enum\n",
    "/lib/enum.py": "",
    "/lib/struct.py": "",
    "/lib/optional.py": "try:\n    import fast\nexcept ImportError:\n    import slow\n",
    "/lib/slow.py": "",
    "/own/enum.py": "import struct\n",
    "/own/fast.py": "",
    "/own/shop.py": "import json\n",
}
PATH = ("/lib",)


def libraries(*search_path):
    """One that shares, and one that does not."""
    files, own = MemoryFiles(HOST), environment(search_path=PATH)
    return Library(files, own, search_path, Library(files, own, PATH)), Library(
        files, own, search_path
    )


@pytest.mark.parametrize(
    "path", [("/own", "/lib"), ("/lib", "/own"), ("/lib",), ("/nowhere", "/lib")]
)
@pytest.mark.parametrize("name", ["json", "json.decoder", "re", "enum", "optional", "shop", "none"])
def test_what_is_shared_changes_no_answer(path, name):
    sharing, alone = libraries(*path)
    found = sharing.finder.find(name)
    assert found == alone.finder.find(name)
    if found:
        assert sharing.direct(found) == alone.direct(found)
        assert sharing.surely(found) == alone.surely(found) <= {*alone.direct(found)}


def test_a_name_that_an_own_file_takes_is_not_shared():
    sharing, _ = libraries("/own", "/lib")
    assert sharing.finder.find("enum").path == "/own/enum.py"
    assert sharing.direct(sharing.finder.find("optional")) == ("fast",)
