"""The options of `hostprobe exporter`, apart from the program that they start."""

from argparse import ArgumentParser

EPILOG = """\
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


def add_options(parser: ArgumentParser) -> None:
    """Named as those of Prometheus' own exporters."""
    parser.add_argument(
        "--web.listen-address",
        metavar="ADDRESS",
        dest="listen_address",
        action="append",
        help="HOST:PORT to listen on, repeatable (default: [exporter] listen_address)",
    )
