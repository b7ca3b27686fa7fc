"""Sentences as HTML: what is code, and what of a remedy is to be typed."""

from xml.etree.ElementTree import tostring

import pytest

from hostprobe.report.html.markup import element
from hostprobe.report.html.phrases import sentence, step, value


def html(children):
    text = tostring(element("i", *children), encoding="unicode", method="html")
    return text.strip().removeprefix("<i>").removesuffix("</i>").replace("<wbr>", "")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("by /lib/a.so (/etc/x:3), so", "by <code>/lib/a.so</code> (<code>/etc/x:3</code>), so"),
        ("Look at /srv/a.", "Look at <code>/srv/a</code>."),
        ("Set `StackSize 5`, or more.", "Set <code>StackSize 5</code>, or more."),
        ("and/or 1/2 of https://example.org/x", "and/or 1/2 of https://example.org/x"),
        ("<b>&", "&lt;b&gt;&amp;"),
    ],
)  # fmt: skip
def test_paths_and_quoted_parts_are_code(text, shown):
    assert html(sentence(text)) == shown


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("phpdismod -s apache2 readline: clears it (simulated).", "phpdismod -s apache2 readline"),
        ("LoadFile /lib/a.so before the first LoadModule: clears it.", "LoadFile /lib/a.so"),
        ("setsebool -P httpd_can_network_connect on", "setsebool -P httpd_can_network_connect on"),
        ("Or, allowing more: setsebool -P x on", "setsebool -P x on"),
        ("pip install --no-binary lxml lxml: builds it.", "pip install --no-binary lxml lxml"),
        ("apparmor_parser -r /etc/x, then restart httpd if", "apparmor_parser -r /etc/x"),
        ("/c:5: WSGIScriptAlias /s /s.wsgi", "WSGIScriptAlias /s /s.wsgi"),
        ("WSGIDaemonProcess a user=a, and process-group=a at b", "WSGIDaemonProcess a user=a"),
        ("/c:3: ErrorLogFormat '[%t] %7F: %E: %M'", "ErrorLogFormat '[%t] %7F: %E: %M'"),
        ("chgrp www '/srv/a: sudo reboot and b'", "chgrp www '/srv/a: sudo reboot and b'"),
        ("python3.11 -m venv --clear /srv and install again.", "python3.11 -m venv --clear /srv"),
        ("Call it as: sudo -H /usr/sbin/apache2 -k start.", "sudo -H /usr/sbin/apache2 -k start"),
    ],
)  # fmt: skip
def test_what_is_to_be_typed_stands_out(text, typed):
    shown = html(step(text))
    assert f'<code class="command">{typed}</code>' in shown
    assert shown.count("command") == 1


@pytest.mark.parametrize(
    "text",
    ["Run the applications in an httpd of their own.", "Installing it helps.", "Stop httpd."],
)
def test_advice_is_no_command(text):
    assert html(step(text)) == text


def test_columns_without_anything_are_left_out():
    shown = html(value("losers", [{"path": "/a", "version": None}, {"path": "/b", "version": ""}]))
    assert "version" not in shown
    assert "<code>/a</code>" in shown


def test_many_names_stand_behind_their_number():
    shown = html(value("symbols", [f"rl_{number}" for number in range(9)]))
    assert "<summary>9: rl_0, rl_1, rl_2 and more</summary>" in shown
    assert "<code>rl_8</code>" in shown
