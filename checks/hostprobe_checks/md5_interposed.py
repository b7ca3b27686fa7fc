"""Check: another library takes over the MD5 functions of a Python extension."""

from collections.abc import Iterator

from hostprobe.check import Finding, Severity, check
from hostprobe.conflict import conflict_findings
from hostprobe.model.linkage import PythonLinkages

REFERENCES = ("https://modwsgi.readthedocs.io/en/latest/user-guides/application-issues.html",)


@check(Severity.critical, REFERENCES)
def md5_interposed(linkages: PythonLinkages) -> Iterator[Finding]:
    """Another library takes over the MD5 functions of a Python extension inside httpd.

    Why it matters
    --------------
    MD5Init, MD5Update, MD5Final and MD5Transform are names that many libraries export: libmhash,
    libbsd, libmd, extensions of PHP. Their context structures differ. An extension that carries
    MD5 functions of its own under these names and is loaded after such a library computes with
    the library's functions on its own structures: every digest is wrong, logins fail, or memory
    is overwritten and the process crashes. The order of modules does not matter: all of them come
    before Python.

    Example
    -------
    An extension with its own MD5Init beside a PHP extension that needs libmhash: the digest of the
    empty string is no longer d41d8cd98f00b204e9800998ecf8427e.

    Remedy
    ------
    Leave out the module or PHP extension that brings the library in, or use an extension with
    private names (linked with -Bsymbolic-functions, or with the names hidden). The finding says
    what the model gives for this host. Afterwards `hostprobe scan --select md5-interposed` is
    silent.

    Not found by this check
    -----------------------
    MD5 functions under other names; those of OpenSSL (`MD5_Init`) belong to the checks on OpenSSL.

    References
    ----------
    mod_wsgi documentation, Application Issues; ld.so(8).
    """
    yield from conflict_findings(linkages, "md5")
