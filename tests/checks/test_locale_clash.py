"""Applications of one process with different locales."""

import pytest
from hostprobe_checks.locale_clash import locale_clash

from hostprobe.check import Certainty, Severity
from tests.model.sharing.host import daemons, findings

DE, US = "de_DE.UTF-8", "en_US.UTF-8"


def call(locale, category="LC_ALL"):
    return f"locale.setlocale(locale.{category}, {locale!r})\n"


def variable(name, value):
    return f"os.environ[{name!r}] = {value!r}\n"


SITES = {"shop": call(DE), "blog": call(US)}


def run(text="", scripts=(), **options):
    return findings(locale_clash, text, SITES | dict(scripts), **options)


def test_it_fires_for_two_locales():
    (finding,) = run()
    assert (finding.severity, finding.certainty) == (Severity.medium, Certainty.certain)
    assert f"to {DE} and {US}:" in finding.title
    assert len(finding.affected) == 2
    assert finding.evidence["set"][1] == {
        "application": "h/blog (/srv/blog/blog.wsgi)",
        "locale": US,
        "by": "setlocale",
        "where": "/srv/blog/blog.wsgi:2",
    }
    assert finding.remedy[1].endswith(
        "WSGIScriptAlias /blog /srv/blog/blog.wsgi process-group=blog"
    )


@pytest.mark.parametrize(
    ("shop", "blog", "categories"),
    [
        (call(DE), call(US, "LC_TIME"), ["LC_TIME"]),
        (call(DE, "LC_TIME"), call(US, "LC_TIME"), ["LC_TIME"]),
        (call(("de_DE", "UTF-8")), call(US, "LC_CTYPE"), ["LC_CTYPE"]),
        (variable("LC_COLLATE", DE), variable("LC_COLLATE", US), ["LC_COLLATE"]),
        (variable("LC_ALL", DE), call(US, "LC_TIME"), ["LC_TIME"]),
        (variable("LANG", DE) + call("", "LC_TIME"), call(US, "LC_TIME"), ["LC_TIME"]),
        (call("", "LC_TIME"), call(US, "LC_TIME"), ["LC_TIME"]),
        (call(DE) + call(US, "LC_TIME"), call(US, "LC_TIME") + call(DE, "LC_CTYPE"), None),
    ],
)
def test_only_categories_that_differ_count(shop, blog, categories):
    found = run(scripts={"shop": shop, "blog": blog}, environment={"LANG": "C"})
    if categories is None:
        assert found == []
    else:
        assert found[0].evidence["categories"] == categories


def test_variables_alone_are_only_likely():
    (finding,) = run(scripts={"shop": variable("LANG", DE), "blog": variable("LANG", US)})
    assert finding.certainty is Certainty.likely
    assert len(finding.evidence["categories"]) == 6


def test_the_option_of_a_daemon_is_the_choice_of_those_that_choose_nothing():
    text = f"WSGIDaemonProcess sites locale={DE}\nWSGIProcessGroup sites"
    (finding,) = run(text, {"shop": ""})
    assert finding.evidence["set"][0]["by"] == "locale="
    assert run(text, {"shop": "", "blog": call(DE)}) == []
    assert run(text, {"shop": "", "blog": "locale.setlocale(locale.LC_ALL, x)"}) == []


def test_the_options_of_a_daemon_are_the_environment_too():
    text = f"WSGIDaemonProcess sites locale={DE}\nWSGIProcessGroup sites"
    scripts = {"shop": "os.environ.setdefault('LC_ALL', 'C')", "blog": call("")}
    assert run(text, scripts) == []


def test_lang_of_a_daemon_is_what_the_environment_says():
    text = f"WSGIDaemonProcess sites lang={DE}\nWSGIProcessGroup sites"
    assert len(run(text, {"shop": call("")})) == 1
    assert run(text, {"shop": call(""), "blog": call(DE)}) == []


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("", {"blog": SITES["shop"]}),
        ("", {"blog": call("de_DE.utf8")}),
        ("", {"shop": call("C"), "blog": call("POSIX")}),
        ("", {"blog": "locale.setlocale(locale.LC_ALL)"}),
        ("", {"blog": "locale.setlocale(locale.LC_ALL, None)"}),
        ("", {"blog": "locale.setlocale(locale.LC_ALL, x)"}),
        ("", {"blog": "locale.setlocale(x, 'C')"}),
        ("", {"blog": "if __name__ == '__main__':\n    " + SITES["blog"]}),
        ("", {"shop": call(DE, "LC_TIME"), "blog": call(US, "LC_NUMERIC")}),
        ("", {"blog": variable("LANG", "")}),
        ("", {"blog": "os.environ.setdefault('LC_ALL', 'C')"}),
        (daemons(*SITES), {}),
    ],
)
def test_it_is_silent_where_nobody_differs(text, changed):
    assert run(text, changed, environment={"LC_ALL": DE}) == []
