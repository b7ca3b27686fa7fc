from hostprobe.report.checks import checks_data, render_checks, render_page
from hostprobe.report.lines import to_text
from tests.report.golden_files import assert_golden
from tests.report.sample import symbol_interposed


def shown(lines, width=80):
    return "".join(f"{line}\n" for line in to_text(lines, width))


def test_the_page_of_a_check_is_as_agreed():
    assert_golden("page.txt", shown(render_page(symbol_interposed)))


def test_the_list_names_id_severity_and_title():
    assert shown(render_checks([symbol_interposed]), 120) == (
        "symbol-interposed  critical  Another library takes over symbols of a Python extension.\n"
    )
    assert checks_data([symbol_interposed])[0]["id"] == "symbol-interposed"


def test_an_empty_list_is_empty():
    assert shown(render_checks([])) == ""
