"""Texts that the parser fuzzer damages, and words that it puts into texts."""

BUILD_TEXTS = (
    b'\0Server version: Apache/2.4.57\0 -D HTTPD_ROOT="/etc/apache2"\0'
    b' -D SERVER_CONFIG_FILE="apache2.conf"\0/usr/lib/php/20220829\0PHP_EXTENSION_DIR\0'
    b"/etc/php/8.2\0Loaded Configuration File\0/etc/php/8.2/conf.d\0PHP_CONFIG_FILE_SCAN_DIR\0"
    b"API420220829,NTS\0"
)
APR_TEXTS = (
    b"\0/usr/lib/x86_64-linux-gnu/apr-util-1\0apr_dbd_%s-1.so\0apr_crypto_%s-1.so\0apr_ldap-1.so\0"
)
MOD_WSGI_TEXTS = b"\0wsgi_init\0004.9.4\0mod_wsgi/%s\0Python/%d.%d\0"
SOCKETS = b"""Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 21071 /run/wsgi.1.0.1.sock
0000000000000000: 00000003 00000000 00000000 0001 03 21072
"""
BANNER_TEXTS = (
    b"\0OpenSSL 3.0.7 1 Nov 2022\0Fatal: program compiled against libxml %d using libxml %d\n\0"
    b"20914\0libxml2.so.2\0002.9.14\0libxml2 Version\0GNU C Library (Debian GLIBC 2.36-9+deb12u14) "
    b"stable release version 2.36.\n\0expat_2.5.0\0libpython3.11.so.1.0\0003.11.2\0"
)
PROFILE = b"""include <tunables/global>
@{WEB} = /srv/www "/srv/a b"
profile apache2 /usr/sbin/apache2 flags=(complain) {
  /a/{b,c}/** rw,
  deny "/d e/*.so" mr,
  ^shop { /srv/shop/** r, }
}
"""
HTTPD = (
    b"Include /e/main.conf", b"Include d/*.conf", b"Include /e", b"IncludeOptional *",
    b"Use M 1 2 3",
    b"Use N x", b"Use M Use M Use", b"<Macro M $a>", b"</Macro>", b"<Macro X $ %a @b $aa>",
    b"Define X ${X}${X}${X}", b"Define X ${Y}${Y}", b"Define Y ${X}${X}", b"A ${X}${Y}", b"<A>" ,
    b"</A>", b"<IfDefine X>", b"<IfDefine !X>", b"</IfDefine>", b"<IfModule x>", b"</IfModule>",
    b"<Perl>", b"<VirtualHost *>", b"</VirtualHost>", b"<Location />", b"</Location>", b"\\\n",
    b"<Directory ~ (a+)+$>", b"<LocationMatch ((a*)*)*b>", b"ServerRoot /", b"UnDefine X",
    b"WSGIScriptAlias / /a.wsgi", b"WSGIDaemonProcess x threads=1000000000", b"%{ENV:X}", b"\f",
)  # fmt: skip
SHELL = (
    b"export A=$B$C", b"if x; then", b"fi", b"case x in", b"esac", b"<<EOF", b"$(", b"`", b"${A:-",
    b"unset A", b"A='", b'A="', b"\\\n", b"{ ", b"}", b"for a in b; do", b"done", b"f() {",
)  # fmt: skip
PYTHON = (
    b"import os", b"from . import (", b"from x import *", b"try:", b"except ImportError:", b"else:",
    b"if TYPE_CHECKING:", b"def f():", b"class C:", b"    ", b"\t", b"\\\n", b'"""', b"'''", b"#",
    b"# coding: utf-7", b"# coding: idna", b"# -*- coding: undefined", b"__import__(",
    b"import_module(",
    b"sys.path.insert(0, ", b"os.path.join(__file__, ", b"os.path.dirname(" * 90, b"import " * 500,
    b"if x:" * 99, b";import a" * 300, b"from " + b"." * 4_000 + b" import x", b"\f", b"match x:",
    b"lambda: " * 200, b"if 1:\n" + b"".join(b" " * n + b"if 1:\n" for n in range(1, 95)),
    b"x = 9" * 900, b"os.environ[", b"global x", b"(x := ", b"x.append(x)", b"lambda x: open(x)",
    b"match x:\n  case open: open(1)", b"@x.y(z)\n", b"async with open(x) as (y, *z):", b"del ",
)  # fmt: skip
ENVVARS = b"""unset HOME
export A=/run/x$SUFFIX
if [ -x /bin/a ] ; then
  B=1
fi
export LANG=C; : ${C:=/x}
. /etc/default/locale
"""
INI = b"""[PHP]
extension=readline
zend_extension = "/x/${Y}.so"
extension_dir='/a'
[PATH=/srv]
a[]=b & c | (d)
"""
PTH = b"/srv/x\nimport os; os.x\n# no\n../y\n"
SOURCE = b"""import os, sys
from importlib import import_module
if TYPE_CHECKING:
    import never
try:
    import json as j
except (ImportError, OSError):
    from . import (a, b)
sys.path[0:0] = [os.path.join(os.path.dirname(__file__), "lib"), "/srv"]
__import__("x.y")
def f(): import later
class Cache:
    @property
    def size(self): return len(self.kept)
if "TZ" not in os.environ:
    os.environ.update({"TZ": "UTC"}, LANG=x)
with open(os.path.join(sys.prefix, *[1, -2.5])) as file:
    for line in sys.stdin: os.environ |= {**y, 1: None}
def g(a, /, b=lambda: open(b), *c, d=None, **e):
    global cache
    cache[a] = (b := Cache())
    del os.environ["X"]
cache = {}
g(cache)
"""
PYVENV = b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"
STATUS = b"""Package: a
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Version: 1:2-3

Package: b
Status: deinstall ok config-files
Version: 1
"""
SUDOERS = b"""Defaults:alice,%w env_keep += "HOME A", !env_reset # x
Cmnd_Alias W = /usr/sbin/httpd -k *, !/bin/a\\,b : X = ALL
a,#1 H,::1 = (root:adm) NOPASSWD: W, sha224:aa /x "" : ALL = \\
  CWD=/x ^/y$ ^z$
@includedir /etc/sudoers.d
"""
UNIT = b"""[Unit]
Description=x \\
 # y
[Service]
Environment="A=b c" 'D=%i'
EnvironmentFile=-/etc/x
ExecStart=/usr/sbin/httpd -D FOREGROUND \\
  -f /x
"""
FSTAB = rb"""# x
UUID=1 / ext4 errors=remount-ro 0 1
/dev/sdb1 /srv/a\040b xfs user,exec,noexec 0 2
"""
MOUNTINFO = rb"""27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard
30 27 0:27 / /srv/a\040b rw,noexec - tmpfs tmpfs rw,size=24683656k
"""
MAPS = b"""55d0-55d1 r-xp 00000000 08:01 12 /usr/sbin/apache2
7f00-7f01 r--p 00001000 08:01 13   /lib/x y.so (deleted)
7f02-7f03 rw-p 00000000 00:00 0 [heap]
"""
EVALUATED = [
    b"""LoadModule macro_module m/macro.so
LoadModule wsgi_module m/wsgi.so
LoadModule php_module m/php.so
ServerName h.example
Define X ${Y}x
Define Y "a b"
Include a.conf
IncludeOptional d/*.conf
<Macro M $a %b @c>
A $a %b @c
<IfDefine $a>
Use N $a
</IfDefine>
</Macro>
<Macro N $x>
<Location /$x>
WSGIProcessGroup $x
</Location>
</Macro>
Use M 1 2 3
<VirtualHost *:80>
ServerAlias ${X}
WSGIDaemonProcess g user=www-data threads=5 python-home=/v python-path=/srv:/x
WSGIScriptAlias / /a.wsgi process-group=g application-group=%{GLOBAL}
Use N g
</VirtualHost>
""",
    (
        b"<IfModule !mod_none.c>\nInclude d/b.conf\n</IfModule>\n<IfVersion >= 2.4>\nListen 80\n"
        b"</IfVersion>\nWSGIScriptAliasMatch ^/(.*)$ /srv/$1.wsgi\nPHPIniDir /e\n"
    ),
    (
        b"<Directory /srv>\nOptions ExecCGI\nSetHandler wsgi-script\nAddHandler wsgi-script .wsgi\n"
        b"<If \"%{HTTP_HOST} == 'x'\">\nWSGIApplicationGroup %{HOST}\n</If>\n</Directory>\n"
    ),
    (
        b"WSGIImportScript /a.wsgi process-group=%{GLOBAL} application-group=%{GLOBAL}\n"
        b"Use M a b c \\\nd\nUndefMacro M\nUnDefine X\n"
        b"WSGIPythonHome /v\nLoadFile m/x.so\nError ${X}\n"
    ),
]
PASSWD = b"root:x:0:0:root:/root:/bin/sh\n+@staff::::::\nshop:x:1000:1000\n#\n"
GROUP = b"www-data:x:33:anna, ben,\nstaff::50:\n+:::\n"
BEANCOUNTERS = b"""Version: 2.5
  uid  resource held maxheld barrier limit failcnt
  101: privvmpages 26240 27001 65536 69632 12
       physpages 11202 14001 0 9223372036854775807 0
"""
ULIMITS = (
    b"if x; then\n ulimit -s 1\nfi\nulimit -Ss 512 -v 9\nAPACHE_ULIMIT_MAX_FILES='ulimit -s 2'\n"
)
OOM = (
    b"kernel: [    0.000000] Linux version 6.1\nkernel: [ 10.5] Memory cgroup out of memory: "
    b"Killed process 77 (apache2) x\n[9.1] Out of memory: Kill process 7 (httpd)\n"
)
SETTINGS = b"""# of this host
[scan]
select = ["symbol-interposed", 'libxml2-mixed']
fail_on = "medium"
[state]
directory = "/srv/state"
keep = 7
[[waiver]]
check = "symbol-*"
subject = "object:/usr/lib/*"
reason = '''known'''
expires = 2027-12-31
"""
TOML = (
    b"[state]", b"[[waiver]]", b"[[", b"]]", b"keep = ", b"expires = ", b"2027-02-30", b"07:32:00",
    b"nan", b"-inf", b"0x", b"9" * 5000, b"{", b"}", b'"""', b"'''", b"\\u0000",
    b"\\ud800", b"scan.select.x = 1", b"= []", b"[" * 3000, b"{a=" * 3000,
)  # fmt: skip
