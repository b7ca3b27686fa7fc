"""Reading a configuration in a process of its own."""

import gc

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild, HttpdStart
from hostprobe.model.httpd.evaluate import evaluate


def main(binary: str, config: str) -> None:
    """Evaluate one configuration and forget it."""
    gc.disable()
    files = LiveFiles("/")
    build = files.read(binary, HttpdBuild)
    evaluate(files, HttpdStart(binary, config, "/etc/apache2", environment={}), build)
    gc.freeze()  # as the command line does
