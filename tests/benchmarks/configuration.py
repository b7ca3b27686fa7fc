"""Reading a configuration in a process of its own."""

import gc

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate
from tests.oracle.dump_config import BINARY


def main(config: str) -> None:
    """Evaluate one configuration and forget it."""
    gc.disable()  # as the command line does
    files = LiveFiles("/")
    build = files.read(BINARY, HttpdBuild)
    evaluate(files, HttpdStart(BINARY, config, "/etc/apache2", environment={}), build)
