"""Texts and module slots of extensions."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hostprobe.facts.extension import ExtensionTexts, ModuleSlots
from hostprobe.parse.error import ParseError
from hostprobe.parse.extension import (
    DT_REL,
    REFUSALS,
    SWIG,
    parse_extension_texts,
    parse_module_definitions,
)
from tests.parse.test_httpd_binary import Image
from tests.real import build

SLOTS = ((2, 0x1234), (3, 2), (4, 1))


def extension(slots=SLOTS, name="fast", *, head=5, **kind):
    """An object with PyInit_fast and the definition of a module of that name."""
    image = Image(**kind)
    image.strings += b"PyInit_fast\0PyInit_\0"
    table = image.put(image.pack(*(value for slot in (*slots, (0, 0)) for value in slot)))
    place = image.put(image.pack(1, *[0] * (head - 1 + 7))) + head * image.word
    image.point(place, image.text(name))
    image.point(place + 4 * image.word, table)
    return image


def found(image):
    return parse_module_definitions(image.bytes()).all


@pytest.mark.parametrize("has_rela", [True, False])
@pytest.mark.parametrize("word", [4, 8])
@pytest.mark.parametrize("name", ["fast", "shop.fast"])
def test_the_slots_of_a_definition_are_read(word, has_rela, name):
    image = extension(name=name, word=word, has_rela=has_rela)
    if not has_rela:
        image.tags = [DT_REL, 1]
    assert found(image) == (ModuleSlots("fast", 2, 1),)


def test_a_definition_for_python_without_gil_has_a_longer_head():
    assert found(extension(head=7)) == (ModuleSlots("fast", 2, 1),)


def test_a_slot_that_is_not_there_is_none():
    assert found(extension([(2, 0x1234)])) == (ModuleSlots("fast", None, None),)


def test_a_single_phase_module_has_no_slots():
    image = Image()
    image.strings += b"PyInit_fast\0"
    place = image.put(bytes(12 * image.word)) + 5 * image.word
    image.point(place, image.text("fast"))
    assert found(image) == ()


def test_other_structures_with_the_name_are_no_definitions():
    image = extension()
    table = image.put(image.pack(*range(1, 7)))
    image.point(table + 16, image.text("fast"))
    assert found(image) == (ModuleSlots("fast", 2, 1),)


def test_two_definitions_of_one_name_leave_a_doubt():
    image = extension()
    table = image.put(image.pack(3, 0, 0, 0))
    place = image.put(image.pack(1, *[0] * 11)) + 40
    image.point(place, image.text("fast"))
    image.point(place + 32, table)
    assert found(image) == ()


@pytest.mark.parametrize("text", REFUSALS)
def test_a_refusal_is_found(text):
    image = Image()
    image.put(b"x" + text + b" per process.\0")
    assert parse_extension_texts(image.bytes()) == ExtensionTexts((text.decode(),), False)


@pytest.mark.parametrize("mark", SWIG)
def test_the_runtime_of_swig_is_found(mark):
    image = Image()
    image.put(b"\0" + mark)
    assert parse_extension_texts(image.bytes()) == ExtensionTexts((), True)


PARSERS = (parse_extension_texts, parse_module_definitions)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("data", [b"", b"\x7fELF", b"\x7fELF\2\1\1", b"text"])
def test_what_is_not_elf_is_refused(parse, data):
    with pytest.raises(ParseError):
        parse(data)


GOOD = extension().bytes()


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8))
def test_changed_bytes_are_refused_or_read_in_part(changes):
    data = bytearray(GOOD)
    for place, value in changes:
        data[place] = value
    for parse in PARSERS:
        with contextlib.suppress(ParseError):
            parse(bytes(data))


@given(st.integers(0, len(GOOD)))
def test_a_truncated_object_is_refused_or_read_in_part(length):
    for parse in PARSERS:
        with contextlib.suppress(ParseError):
            parse(GOOD[:length])


SOURCE = """
#include <Python.h>
static int fill(PyObject *module) { return 0; }
static PyModuleDef_Slot slots[] = {%s {0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, %s, NULL, 0, NULL, slots, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_fast(void) { return PyModuleDef_Init(&definition); }
"""
EXECUTED = "{Py_mod_exec, fill},"


RELR, ONE_SEGMENT = "-Wl,-z,pack-relative-relocs", "-Wl,-z,noseparate-code"


@pytest.mark.real
@pytest.mark.parametrize("linked", [(), (RELR,), (ONE_SEGMENT,)])
@pytest.mark.parametrize("name", ['"fast"', '"shop.fast"'])
@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ("", (None, None)),
        (EXECUTED, (None, None)),
        (EXECUTED + "{3, (void *)2},", (2, None)),
        ("{3, (void *)0}, {4, (void *)1},", (0, 1)),
        (EXECUTED + "{3, (void *)1}, {4, (void *)0},", (1, 0)),
    ],
)
def test_the_slots_of_a_compiled_module_are_read(slots, expected, name, linked):
    path = build.extension("fast", SOURCE % (slots, name), *linked)
    assert parse_module_definitions(path.read_bytes()).all == (ModuleSlots("fast", *expected),)
