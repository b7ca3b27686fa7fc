"""The loader model in a process of its own: plan httpd, simulate it, open every import."""

from __future__ import annotations

import gc
import sys
import time

from hostprobe.collect.files import LiveFiles
from hostprobe.facts.httpd import HttpdBuild
from hostprobe.facts.plan import Open, OpenFlags
from hostprobe.model.httpd.evaluate import evaluate
from hostprobe.model.httpd.plan import httpd_plan
from hostprobe.model.httpd.start import find_starts
from hostprobe.model.loader.process import simulate
from hostprobe.model.php import php_opens


def main(config: str, *imports: str) -> None:
    """Print each object's real path, the number of bindings, the seconds for these alone."""
    gc.disable()  # as the command line does
    files = LiveFiles("/")
    (start,) = find_starts(files, config)  # type: ignore[misc]
    build = files.read(start.binary, HttpdBuild)
    configuration = evaluate(files, start, build)  # type: ignore[arg-type]
    libphp = next(load.path for load in configuration.loads if "libphp" in load.path)
    late = php_opens(files, configuration, libphp).opens
    begun = time.perf_counter()
    process = simulate(files, httpd_plan(configuration, late))
    for path in imports:
        process.open(Open(path, OpenFlags.NOW, by="python"))
    seconds = time.perf_counter() - begun
    bindings = sum(len(process.providers(loaded)) for loaded in process.objects)
    sys.stdout.write("".join(f"{loaded.real}\n" for loaded in process.objects))
    sys.stdout.write(f"{bindings}\n{seconds}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
