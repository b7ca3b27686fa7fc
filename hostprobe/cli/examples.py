"""What stands under the help of a command: examples, and what its exit status means."""

STATUS = """\
exit status:
  0  complete, and nothing at or above --fail-on
  1  findings at or above --fail-on that are neither waived nor known from --baseline
  2  usage or configuration error
  3  incomplete: a check did not run or failed, or a part of the configuration was not readable
  4  internal error
"""

MAIN = """\
examples:
  hostprobe scan                          judge this host
  hostprobe scan -v                       with remarks of severity info
  hostprobe scan --root /mnt/rescue       a root file system that was mounted or copied
  hostprobe explain symbol-interposed     what a check means and how to cure it
  hostprobe snapshot --output host.xz     facts of this host in one file, for a supporter
  hostprobe scan --snapshot host.xz       judge that host

Nothing of the inspected host is executed, imported or changed: hostprobe only reads files.
"""

SCAN = f"""\
examples:
  hostprobe scan
  hostprobe scan --config /etc/apache2/test.conf -D STAGING
  hostprobe scan --select symbol-interposed,libxml2-mixed --format json --output report.json
  hostprobe scan --fail-on medium -q && systemctl reload apache2
  hostprobe scan --state -q                       keep the report, as the timer does
  hostprobe scan --baseline known.json            what is known does not count

{STATUS}"""

BINDINGS = """\
examples:
  hostprobe bindings --interposed                 what a Python extension gets from elsewhere
  hostprobe bindings 'readline.*.so' --symbol add_history
  hostprobe bindings --print-plan > plan.json     the dlopen calls that httpd would make
  hostprobe bindings --print-plan --app /srv/shop/wsgi.py > plan.json
                                                  and then those of the application's imports
  hostprobe bindings --plan plan.json --format json

A plan may be edited: what Perl or a name service opens at run time is not in the configuration.
OBJECT is a path, a soname, a file name or a glob of one of them.
"""

PREFLIGHT = """\
examples:
  hostprobe preflight                             the next stop and start of every httpd
  hostprobe preflight --reload                    the next reload (graceful restart)
  hostprobe preflight -q && systemctl restart apache2

exit status:
  0  nothing breaks
  1  httpd would not start, or findings at or above --fail-on would appear
  2  usage or configuration error
  3  incomplete: a check did not run or failed, or what runs is not known
  4  internal error
"""

SNAPSHOT = """\
examples:
  hostprobe snapshot --show | less                what would be shared
  hostprobe snapshot --output host.xz

A snapshot holds facts (symbol tables, directives, imports), never file contents. Arguments of
directives that hostprobe does not use, passwords in URLs and environment values are left out.
"""

REPORT = """\
examples:
  hostprobe report --format jsonl                 the last report, a finding a line
  hostprobe report --format markdown              to paste into an issue
  hostprobe report report.json --format sarif --output hostprobe.sarif
  hostprobe report report.json --format junit --output hostprobe.xml
"""

DIFF = """\
examples:
  hostprobe diff                                  the last two scans with --state
  hostprobe diff 24                               the last one and the one 24 scans before it
  hostprobe diff monday.json friday.json          two reports in JSON

OLD and NEW are files, or numbers: so many scans before the last, which is 0.

exit status:
  0  nothing appeared and nothing is more severe
  1  something appeared or is more severe
  2  usage or configuration error
  3  nothing is worse, but checks that gave an answer before give none now
"""

BASELINE = """\
examples:
  hostprobe baseline write known.json             what the last scan with --state found
  hostprobe baseline write known.json --report report.json
  hostprobe baseline compare known.json           what the last scan found beyond it
  hostprobe scan --baseline known.json            what is known does not count

A baseline holds check, subject, severity and fingerprint of each finding that is not waived. The
exit status of compare is that of hostprobe diff.
"""

EXPORTER = """\
paths:
  /                  the report as a page
  /metrics           for Prometheus
  /api/v1/report     the report in JSON
  /-/healthy         200 while the exporter runs
  /-/ready           200 when there is a report, else 503

examples:
  hostprobe exporter                              on 127.0.0.1:19460
  hostprobe exporter --web.listen-address '[::1]:19460'

TLS, client certificates and passwords are settings: [exporter] in /etc/hostprobe/hostprobe.toml.
"""

AGENT = """\
signals:
  SIGHUP   read the settings again
  SIGUSR1  scan now
  SIGTERM  end, and with it a scan that is under way

It stays in the foreground, for systemd: systemctl enable --now hostprobe. The reports go to the
state directory, what appeared and what is gone since the last one to the journal.
"""
