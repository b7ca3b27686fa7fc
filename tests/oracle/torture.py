"""A configuration tree with every construct of the configuration language, written to a folder."""

MODULES = "/usr/lib/apache2/modules"

MODULE_CONDITIONS = r"""
# a comment that goes on \
LoadModule ssl_module /nowhere/mod_ssl.so
ServerRoot "@ROOT@"
DefaultRuntimeDir "@ROOT@"
PidFile httpd.pid
ServerName torture.example:8099
ErrorLog "@ROOT@/error.log"
Mutex file:@ROOT@ default
<IfModule !mod_mpm_prefork.c>
<IfModule prefork.c>
ServerAdmin prefork-too-early
</IfModule>
LoadModule mpm_prefork_module @MODULES@/mod_mpm_prefork.so
</IfModule>
<IfModule prefork.c>
ServerAdmin seen-by-source
</IfModule>
<IfModule mpm_prefork_module>
ServerAdmin seen-by-symbol
</IfModule>
<IfModule MPM_prefork_module>
ServerAdmin case-matters
</IfModule>
<ifmodule alias_module>
ServerAdmin alias-before-its-loadmodule
</ifmodule>
LoadModule authz_core_module @MODULES@/mod_authz_core.so
LoadModule alias_module "@MODULES@/mod_alias.so"
LoadModule headers_module '@MODULES@/mod_headers.so'
LoadModule macro_module @MODULES@/mod_macro.so
LoadModule alias_module @MODULES@/mod_alias.so
LoadModule ldap_module @MODULES@/mod_ldap.so
LoadFile @MODULES@/mod_dir.so
<IfModule mod_alias.c>
  ServerAdmin alias-now
</IfModule>
<IfModule mod_dir.c>
ServerAdmin a-loadfile-is-no-module
</IfModule>
<IfModule util_ldap.c>
ServerAdmin another-source-name
</IfModule>
<IfModule mod_ldap.c>
ServerAdmin not-by-the-usual-name
</IfModule>
<IfModule core.c>
ServerAdmin core
</IfModule>
<IfModule http_core.c>
ServerAdmin http
</IfModule>
<IfModule mod_so.c>
ServerAdmin so
</IfModule>
"""

VARIABLES = r"""
Define WORD "two words"
Define word case-is-ignored-here
Define EMPTY ""
Define FLAG
Define NESTED "${WORD}/x"
Define LATER ${SOON}
Define SOON now
ServerAdmin "${WORD}"
ServerAdmin "${NESTED}"
ServerAdmin ${LATER}
ServerAdmin "${FROM_ENVIRONMENT}"
ServerAdmin ${from_environment}
ServerAdmin ${NOT_DEFINED}x${EMPTY}
ServerAdmin a$b${c
<IfDefine FLAG>
ServerAdmin flag
</IfDefine>
<IfDefine flag>
ServerAdmin flag-case
</IfDefine>
UnDefine FLAG
<IfDefine !FLAG>
ServerAdmin not-flag
</IfDefine>
<IfDefine "FROM_COMMAND_LINE">
ServerAdmin given
</IfDefine>
<IfDefine FROM_ENVIRONMENT>
ServerAdmin the-environment-defines-nothing
</IfDefine>
<IfDefine ${SOON}>
ServerAdmin no
</IfDefine>
"""

CONDITIONS = r"""
<IfVersion >= 2.4>
ServerAdmin v1
</IfVersion>
<IfVersion < 2.4.1>
ServerAdmin v2
</IfVersion>
<IfVersion "2.4">
ServerAdmin v3
</IfVersion>
<IfVersion ~ ^2\.4\.[0-9]+$>
ServerAdmin v4
</IfVersion>
<IfVersion = "/^2\.[0-3]/">
ServerAdmin v5
</IfVersion>
<IfVersion !> 3>
ServerAdmin v6
</IfVersion>
<IfVersion >= 2 >
ServerAdmin v7
</IfVersion>
<IfVersion == 2.4.>
ServerAdmin v8
</IfVersion>
<IfFile parts/a.conf>
ServerAdmin file
</IfFile>
<IfFile "!parts/a.conf">
ServerAdmin quoted-is-no-negation
</IfFile>
<IfFile !nowhere>
ServerAdmin nofile
</IfFile>
<IfDirective Header>
ServerAdmin header
</IfDirective>
<IfDirective wsgiscriptalias>
ServerAdmin wsgi
</IfDirective>
<IfDirective listen>
ServerAdmin of-the-mpm
</IfDirective>
<IfSection VirtualHost>
ServerAdmin section
</IfSection>
<IfSection !Proxy>
ServerAdmin noproxy
</IfSection>
<IfModule nothing_module>
  <Whatever>
    LoadModule x y
  </Whatever>
  # </IfModule>
  Include missing
  <Perl>
  </Perl>
</IfModule>
"""

WORDS = r"""
Listen \
  127.0.0.1:\
8099
Alias "/quo\"ted" '/it\'s'
Alias /back\\slash "C:\dir\\x"
Alias	/tab		/tabbed
  Alias "/glued"/word
"Alias" /quoted /name
Alias "/semi # not a comment" /x
Alias /ümlaut /ü
Alias "/unterminated" "/x
"""

SECTIONS = r"""
Include parts
Include parts/*.conf
Include more/*/x?.conf
Include "more/[ab]/[!y]1.conf"
Include more/./a/../b/x1.conf
Include more/a/\x1.con?
IncludeOptional nowhere/*.conf
IncludeOptional nowhere.conf
IncludeOptional more/*/nothing*
include /dev/null
<Directory />
  <Files "*.py">
    <Limit GET POST>
      Require all granted
    </Limit>
    Header set X "%{HTTP_HOST}e ${WORD}"
  </Files>
  <If "%{HTTP_HOST} == 'a > b'">
    Header set A 1
    <IfModule alias_module>
      Header set B 2
    </IfModule>
  </If>
  <ElseIf "-n req('x')">
    Header set C 3
  </ElseIf>
  <Else>
    Header set D 4
  </Else>
</Directory>
<Directory ~ "^/srv/[^>]+">
</Directory>
"""

MACROS = r"""
<Macro Site $name @quoted %port $name_long>
  <VirtualHost *:%port>
    ServerName $name.example
    ServerAlias $name_long
    DocumentRoot "@ROOT@/$name"
    Header set Q @quoted
    # Header set $name comment
    Use Inner $name
    Use close
    <IfModule alias_module>
    Alias /$name "${WORD}/$name"
    </IfModule>
    <IfModule no_module>
    Alias /no $name
    </IfModule>
  </VirtualHost>
</Macro>
<Macro inner $x>
  Header set Inner-$x \
     "joined $x"
  <Location /$x>
</Macro>
<Macro close>
    Require all denied
  </Location>
</Macro>
<Macro open-section>
<IfDefine !NOPE>
</Macro>
<Macro skipping>
<IfDefine NOPE>
ServerAdmin skipped
</Macro>
<macro WITHSECTION>
Use Inner deep
Use Close
<Macro defined-within $a>
Header set Within $a
</Macro>
</MACRO>
<Macro including $what>
Include more/a/$what
</Macro>
<Macro line $all>
$all
</Macro>
Use SITE first 'with "quotes" and \\' 8099 "long name"
Use withsection
Use defined-within 1
Use open-section
ServerAdmin within-a-condition-of-a-macro
</IfDefine>
Use skipping
ServerAdmin still-skipped
</IfDefine>
Use including x1.conf
Use line "Header set Whole line"
Use line "# a comment after all"
Use line ""
UndefMacro INNER
"""

HOSTS = r"""
<VirtualHost 127.0.0.1:8099>
</VirtualHost>
<virtualhost "[::1]:8099">
serverNAME lower.example
  include parts/nested/*.conf
</virtualhost>
<IfDefine !UNCLOSED>
ServerAdmin last-without-newline"""

PARTS = {
    "parts/a.conf": b"ServerAdmin a\r\nAlias /a \\\r\n /b\r\nServerAdmin end",
    "parts/B.conf.dpkg-old": b"ServerAdmin backup\n",
    "parts/.hidden": b"ServerAdmin hidden\n",
    "parts/nul.conf": b"ServerAdmin nul\0 more\nServerAdmin after\n",
    "parts/nested/n.conf": b"# only \\\n# comments\nHeader set N \\\n  n\n",
    "parts/b.conf": b"<IfDefine !X>\n<Location /b>\n</Location>\n</IfDefine>\n",
    "parts/empty.conf": b"",
    "parts/blank.conf": b"\n \t\n\v\f\n",
    "more/file": b"ServerAdmin not-a-directory\n",
}


def write(root):
    """The tree below `root`; the path of its main file."""
    main = MODULE_CONDITIONS + VARIABLES + CONDITIONS + WORDS + SECTIONS + MACROS + HOSTS
    text = main.replace("@ROOT@", str(root)).replace("@MODULES@", MODULES)
    put(root / "main.conf", text.encode())
    for name, data in PARTS.items():
        put(root / name, data)
    for folder in ("a", "b", ".hidden"):
        for name in ("x1.conf", "y1.conf", "xx.conf", ".x.conf"):
            put(root / "more" / folder / name, f"ServerAdmin {folder}-{name}\n".encode())
    (root / "more" / "link").symlink_to(root / "more" / "a")
    (root / "more" / "c").symlink_to(root / "more" / "file")
    return root / "main.conf"


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
