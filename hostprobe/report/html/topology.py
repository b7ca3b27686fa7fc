"""Every httpd: who runs in it, what it is made of, and its Python environments."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hostprobe.report.html.findings import Entry
from hostprobe.report.html.markup import Child, element
from hostprobe.report.html.phrases import code, counted, facts, grid, names, sentence, table
from hostprobe.report.html.reading import Row, place, row, rows, texts, word
from hostprobe.report.html.tree import (
    Site,
    environment_anchor,
    environment_title,
    extensions,
    hits_of,
    tree,
)
from hostprobe.report.text import worded


def topology_section(document: Row, entries: list[Entry]) -> Element:
    """Every instance."""
    instances = rows(document, "instances")
    hits = hits_of(entries)
    nothing = element("p", "No httpd was found.", class_="nothing") if not instances else None
    return element(
        "section",
        element("h2", "Topology"),
        nothing,
        *(instance_article(Site(number, each, hits)) for number, each in enumerate(instances)),
        id="topology",
    )


def instance_title(instance: Row) -> str:
    """`httpd 2.4.62, /usr/sbin/apache2 with /etc/apache2/apache2.conf`."""
    httpd = row(instance, "httpd")
    version = f" {word(httpd, 'version')}" if word(httpd, "version") else ""
    return f"httpd{version}, {word(httpd, 'binary')} with {word(httpd, 'config_file')}"


def instance_article(site: Site) -> Element:
    """One httpd: its tree, then what it is made of."""
    return element(
        "article",
        element("h3", *sentence(instance_title(site.instance))),
        tree(site),
        facts(instance_facts(site.instance)),
        *environment_parts(site),
        class_="instance",
    )


def instance_facts(instance: Row) -> Iterator[tuple[str, list[Child]]]:
    """What an httpd is made of, each long list behind its number."""
    httpd, configuration = row(instance, "httpd"), row(instance, "configuration")
    problems = [*rows(configuration, "problems"), *rows(instance, "problems")]
    yield "not read", [problem_list(problems)] if problems else []
    yield "binary", sentence(word(httpd, "problem"))
    yield "started by", sentence(word(httpd, "origin"))
    yield "server root", sentence(word(httpd, "server_root"))
    yield "defines", names(texts(httpd, "defines")) if texts(httpd, "defines") else []
    yield "mod_wsgi", sentence(word(instance, "mod_wsgi") or "not loaded")
    yield "libpython", sentence(word(instance, "libpython"))
    yield (
        "configuration",
        listed("file", [[file] for file in texts(configuration, "files")], ["file"]),
    )
    loads = [[word(one, "path"), place(row(one, "where"))] for one in rows(configuration, "loads")]
    yield "modules", listed("module", loads, ["module", "loaded at"])
    late = [
        [word(one, "path"), word(one, "by"), word(one, "where"), " ".join(texts(one, "flags"))]
        for one in rows(instance, "late_opens")
    ]
    yield "opened later", listed("object", late, ["object", "by", "because of", "flags"])
    yield from running_facts(row(instance, "running"))


def problem_list(problems: list[Row]) -> Element:
    """What could not be read, and where it is asked for."""
    return element(
        "ul",
        *(
            element("li", *sentence(" ".join((word(one, "message"), place(row(one, "where"))))))
            for one in problems
        ),
        class_="problem",
    )


def listed(one: str, cells: list[list[str]], heads: list[str]) -> list[Child]:
    """A table behind the number of its rows."""
    if not cells:
        return []
    body: Iterator[list[list[Child]]] = (
        [[code(text)] if text else [] for text in line] for line in cells
    )
    return [element("details", element("summary", counted(len(cells), one)), grid(heads, body))]


def running_facts(running: Row) -> Iterator[tuple[str, list[Child]]]:
    """The processes that run."""
    if running:
        processes = [dict(one) for one in rows(running, "processes")]
        summary = element("summary", f"{counted(len(processes), 'process', 'processes')} since ")
        summary.append(element("time", word(running, "since")))
        yield "running", [element("details", summary, table(processes))]
        yield "not readable", [*sentence("; ".join(texts(running, "problems")))]


def environment_parts(site: Site) -> Iterator[Element]:
    """Each Python environment, closed."""
    for one in rows(site.instance, "environments"):
        title = sentence(f"Python {environment_title(one)}")
        yield element(
            "details",
            element("summary", element("h4", *title)),
            facts(environment_facts(one)),
            id=environment_anchor(site, one.get("id")),
            class_="environment",
        )


def environment_facts(one: Row) -> Iterator[tuple[str, list[Child]]]:
    """What an environment is made of."""
    modules = [word(each, "module") for each in rows(one, "extensions")]
    yield "not known", [*sentence("; ".join(texts(one, "problems")))]
    yield "home", sentence(word(one, "home"))
    yield "set at", sentence(place(row(one, "home_where")))
    yield "prefix", sentence(word(one, "prefix"))
    yield "executable", sentence(word(one, "executable"))
    yield "pyvenv.cfg", sentence(worded(row(one, "pyvenv")) if row(one, "pyvenv") else "")
    yield "import path", names(texts(one, "search_path")) if texts(one, "search_path") else []
    yield "extensions", [extensions("offers", modules)] if modules else []
