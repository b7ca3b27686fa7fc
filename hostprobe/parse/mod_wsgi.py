"""The release text inside a mod_wsgi object, and its default for WSGISocketPrefix.

All releases add themselves to httpd's banner with `sprintf(package, "mod_wsgi/%s", VERSION)`
(wsgi_hook_init in mod_wsgi.c); compilers keep the two texts of that call side by side. The default
of the sockets is DEFAULT_REL_RUNTIMEDIR "/wsgi" (newWSGIServerConfig in wsgi_server.c).
"""

import re

from hostprobe.facts.mod_wsgi import ModWsgiBuild
from hostprobe.parse.error import ParseError

VERSION = re.compile(rb"\0(\d{1,3}(?:\.\d{1,3}){1,3}[.\w]{0,12})\0mod_wsgi/%s\0")
SOCKETS = re.compile(rb"\0([\w./+-]{1,200}/wsgi)\0")


def parse_mod_wsgi(data: bytes) -> ModWsgiBuild:
    """The release; ParseError when the object does not tell one."""
    match = VERSION.search(data)
    if match is None:
        raise ParseError("no release of mod_wsgi is in it")
    sockets = SOCKETS.search(data)
    prefix = sockets[1].decode("ascii", "replace") if sockets else None
    return ModWsgiBuild(match[1].decode("ascii", "replace"), prefix)
