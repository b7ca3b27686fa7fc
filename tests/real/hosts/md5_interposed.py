"""An extension with MD5 functions of its own beside a library that exports the same names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.real.build import cached, extension, shared_object
from tests.real.debs import unpacked
from tests.real.httpd import Httpd, Module
from tests.real.wsgi import wsgi_host

# RFC 1321 under the names that its reference code made common.
MD5 = """
#include <math.h>
#include <stdint.h>
#include <string.h>
typedef struct { unsigned char block[64]; uint64_t length; uint32_t state[4]; } Context;
static const unsigned char turns[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
EXPORT void MD5Transform(uint32_t state[4], const unsigned char block[64]) {
    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned mixes[4] = {(b & c) | (~b & d), (d & b) | (~d & c), b ^ c ^ d, c ^ (b | ~d)};
        unsigned places[4] = {i, 5 * i + 1, 3 * i + 5, 7 * i};
        unsigned round = i / 16, turn = turns[round][i % 4];
        uint32_t word, sum, constant = (uint32_t)(int64_t)(fabs(sin(i + 1)) * 4294967296.0);
        memcpy(&word, block + 4 * (places[round] % 16), 4);
        sum = a + mixes[round] + constant + word;
        a = d, d = c, c = b, b += sum << turn | sum >> (32 - turn);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}
EXPORT void MD5Init(Context *context) {
    static const uint32_t start[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memset(context, 0, sizeof *context);
    memcpy(context->state, start, sizeof start);
}
EXPORT void MD5Update(Context *context, const unsigned char *data, unsigned count) {
    for (; count; count--) {
        context->block[context->length++ % 64] = *data++;
        if (context->length % 64 == 0) MD5Transform(context->state, context->block);
    }
}
EXPORT void MD5Final(unsigned char digest[16], Context *context) {
    uint64_t bits = 8 * context->length;
    MD5Update(context, (const unsigned char *)"\\x80", 1);
    while (context->length % 64 != 56) MD5Update(context, (const unsigned char *)"", 1);
    MD5Update(context, (const unsigned char *)&bits, 8);
    memcpy(digest, context->state, 16);
}
"""
DIGEST = """
#include <Python.h>
static PyObject *md5(PyObject *self, PyObject *text) {
    Context context;
    unsigned char digest[16];
    Py_ssize_t length;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &length);
    MD5Init(&context);
    MD5Update(&context, (const unsigned char *)bytes, (unsigned)length);
    MD5Final(digest, &context);
    return PyBytes_FromStringAndSize((const char *)digest, 16);
}
static PyMethodDef methods[] = {{"md5", md5, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "quickmd5", NULL, 0, methods, NULL, NULL, NULL, NULL};
PyMODINIT_FUNC PyInit_quickmd5(void) { return PyModuleDef_Init(&definition); }
"""
APPLICATION = """
import quickmd5

def answer():
    return quickmd5.md5("").hex()
"""
# A PHP extension with MD5 functions of its own that count in another structure.
PHP_EXTENSION = """
#include "php.h"
void MD5Init(long *context) { context[0] = 1; }
void MD5Update(long *context, const void *data, unsigned count) { context[0] += count; }
void MD5Final(unsigned char digest[16], long *context) { memset(digest, (int)context[0], 16); }
zend_module_entry entry = {
    STANDARD_MODULE_HEADER, "digests", NULL, NULL, NULL, NULL, NULL, NULL, "1",
    STANDARD_MODULE_PROPERTIES};
zend_module_entry *get_module(void) { return &entry; }
"""
WORKING = "'d41d8cd98f00b204e9800998ecf8427e'"
EXPORT, HIDDEN = "-DEXPORT=", '-DEXPORT=__attribute__((visibility("hidden")))'
# How the same functions are kept at home.
BOUND = {"hidden": (HIDDEN,), "symbolic functions": (EXPORT, "-Wl,-Bsymbolic-functions")}
Make = Callable[[], Httpd]


def host(
    *flags: str,
    modules: tuple[Module, ...] = (),
    before: tuple[str, ...] = (),
    daemon: bool = False,
) -> Httpd:
    built = extension("quickmd5", MD5 + DIGEST, *flags, "-lm")
    modules = (*modules, "wsgi")
    return wsgi_host(APPLICATION, modules, before=before, path=built.parent, daemon=daemon)


def libmhash() -> Path:
    return unpacked("libmhash2") / "usr/lib/x86_64-linux-gnu/libmhash.so.2"


def failing_by_libmhash(*, daemon: bool = False) -> Httpd:
    return host(EXPORT, before=(f"LoadFile {libmhash()}",), daemon=daemon)


def failing_by_php() -> Httpd:
    """A PHP extension that its own ini directory names."""
    httpd = host(EXPORT, modules=("php",))
    httpd.environment["PHP_INI_SCAN_DIR"] = str(ini_directory())
    return httpd


def ini_directory() -> Path:
    """PHP's extensions are named in php.ini only."""
    headers = unpacked("php8.2-dev") / "usr/include/php/20220829"
    parts = ("", "main", "Zend", "TSRM")
    includes = [f"-I{headers / part}" for part in parts]
    built = shared_object("digests.so", PHP_EXTENSION, *includes)

    def make(directory: Path) -> None:
        (directory / "10-digests.ini").write_text(f"extension={built}\n")

    return cached("digests-ini", str(built), make)


def cured() -> Httpd:
    return host(EXPORT)


def near_miss(kind: str) -> Httpd:
    """The same functions, kept to the extension, beside libmhash."""
    return host(*BOUND[kind], before=(f"LoadFile {libmhash()}",))
