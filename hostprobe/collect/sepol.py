"""libsepol through ctypes: what a policy file says of an access (sepol/policydb/services.h).

The functions that take contexts and permissions are exported from libsepol 3.4 on.
"""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_uint16, c_uint32, c_void_p

from hostprobe.facts.selinux import Answer, Question, Verdict

LIBRARIES = ("libsepol.so.2", "libsepol.so.1")
REASONS = ((1, Answer.RULE), (2, Answer.CONSTRAINT), (4, Answer.ROLE), (8, Answer.BOUNDS))
"""Bits of SEPOL_COMPUTEAV_*."""

DECISION = c_uint32 * 8
"""sepol_av_decision_t: allowed, decided, auditallow, auditdeny, seqno; and room."""

NAMED = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
SIGNATURES = {
    "sepol_bool_create": [c_void_p, POINTER(c_void_p)],
    "sepol_bool_free": [c_void_p],
    "sepol_bool_get_value": [c_void_p],
    "sepol_bool_iterate": [c_void_p, c_void_p, NAMED, c_void_p],
    "sepol_bool_key_create": [c_void_p, c_char_p, POINTER(c_void_p)],
    "sepol_bool_key_free": [c_void_p],
    "sepol_bool_set": [c_void_p, c_void_p, c_void_p, c_void_p],
    "sepol_bool_set_name": [c_void_p, c_void_p, c_char_p],
    "sepol_bool_set_value": [c_void_p, c_int],
    "sepol_compute_av_reason_buffer": [
        c_uint32, c_uint32, c_uint16, c_uint32, DECISION, POINTER(c_uint32), POINTER(c_void_p),
        c_uint32,
    ],
    "sepol_context_to_sid": [c_char_p, c_size_t, POINTER(c_uint32)],
    "sepol_debug": [c_int],
    "sepol_msg_set_callback": [c_void_p, c_void_p, c_void_p],
    "sepol_policydb_create": [POINTER(c_void_p)],
    "sepol_policydb_from_image": [c_void_p, c_char_p, c_size_t, c_void_p],
    "sepol_policydb_to_image": [c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_size_t)],
    "sepol_set_policydb_from_file": [c_void_p],
    "sepol_string_to_av_perm": [c_uint16, c_char_p, POINTER(c_uint32)],
    "sepol_string_to_security_class": [c_char_p, POINTER(c_uint16)],
}  # fmt: skip


class SepolError(Exception):
    """libsepol is not there, too old, or refuses the policy."""


class Policy:
    """One policy, and the same with booleans switched on."""

    def __init__(self, image: bytes) -> None:
        self._library = library()
        self._c = ctypes.CDLL(None)
        self._c.fmemopen.restype = c_void_p
        self._c.fmemopen.argtypes = [c_char_p, c_size_t, c_char_p]
        self._c.fclose.argtypes = [c_void_p]
        self._c.free.argtypes = [c_void_p]
        self._handle = c_void_p(self._library.sepol_handle_create())
        self._library.sepol_msg_set_callback(self._handle, None, None)
        self._image = image
        self._load(image)
        self._database: c_void_p | None = None

    def verdicts(self, questions: Sequence[Question], *, thorough: bool) -> list[Verdict]:
        """One for each question; a RULE with the hints that would change it.

        `thorough`: where no hint does, all other booleans are tried.
        """
        found = [Verdict(self._answer(one)) for one in questions]
        refused = {
            place: one
            for place, one in enumerate(questions)
            if found[place].answer is Answer.RULE and (thorough or one.hints)
        }
        for place, names in self._cures(refused, thorough=thorough).items():
            found[place] = Verdict(Answer.RULE, tuple(names))
        return found

    def booleans(self) -> dict[str, bool]:
        """Names with their state in the file."""
        found: dict[str, bool] = {}

        def note(boolean: int, _argument: int) -> int:
            name: bytes = self._library.sepol_bool_get_name(c_void_p(boolean))
            found[name.decode()] = self._library.sepol_bool_get_value(c_void_p(boolean)) == 1
            return 0

        self._library.sepol_bool_iterate(self._handle, self._changeable, NAMED(note), None)
        return found

    def _answer(self, question: Question) -> Answer:
        numbers = self._numbers(question)
        if numbers is None:
            return Answer.UNKNOWN
        decision, reason, text = DECISION(), c_uint32(), c_void_p()
        requested = numbers[-1]
        failed = self._library.sepol_compute_av_reason_buffer(
            *numbers, decision, byref(reason), byref(text), 0
        )
        self._c.free(text)
        if failed:
            return Answer.UNKNOWN
        if requested & decision[0] == requested:
            return Answer.ALLOWED
        return next((answer for bit, answer in REASONS if reason.value & bit), Answer.RULE)

    def _numbers(self, question: Question) -> tuple[int, int, int, int] | None:
        """What the policy calls the contexts, the class and the permissions."""
        source, target, kind, requested = c_uint32(), c_uint32(), c_uint16(), 0
        lib = self._library
        for text, number in ((question.source, source), (question.target, target)):
            raw = text.encode("utf-8", "surrogateescape")
            if lib.sepol_context_to_sid(raw, len(raw) + 1, byref(number)):
                return None
        if lib.sepol_string_to_security_class(question.kind.encode(), byref(kind)):
            return None
        for name in question.permissions:
            bit = c_uint32()
            if lib.sepol_string_to_av_perm(kind, name.encode(), byref(bit)):
                return None
            requested |= bit.value
        return source.value, target.value, kind.value, requested

    def _cures(self, refused: dict[int, Question], *, thorough: bool) -> dict[int, list[str]]:
        """Question's place -> booleans; others than httpd's only where none of those helps."""
        found: dict[int, list[str]] = {}
        if not refused:
            return found
        off = [name for name, is_on in self.booleans().items() if not is_on]
        ranks = sorted({rank for one in refused.values() for rank in enumerate(one.hints)})
        for name in dict.fromkeys(name for _, name in ranks if name in off):
            meant = {place: one for place, one in refused.items() if name in one.hints}
            self._note([name], meant, found)
        if thorough:
            self._note([name for name in off if "httpd" in name], refused, found)
            self._note([name for name in off if "httpd" not in name], refused, found)
        self._load(self._image)
        return {place: sorted(names) for place, names in found.items()}

    def _note(
        self, names: list[str], refused: dict[int, Question], found: dict[int, list[str]]
    ) -> None:
        """Try a group on what nothing helps yet."""
        rest = {place: one for place, one in refused.items() if place not in found}
        for place, name in self._helping(names, rest):
            found.setdefault(place, []).append(name)

    def _helping(self, names: list[str], refused: dict[int, Question]) -> Iterator[tuple[int, str]]:
        """Halves of a group in which none helps are tried once: loading is what costs time."""
        if not names or not refused:
            return
        self._load(self._with(names))
        helped = {
            place: one for place, one in refused.items() if self._answer(one) is Answer.ALLOWED
        }
        if len(names) == 1:
            yield from ((place, names[0]) for place in helped)
            return
        middle = len(names) // 2
        yield from self._helping(names[:middle], helped)
        yield from self._helping(names[middle:], helped)

    def _with(self, names: Iterable[str]) -> bytes:
        """The policy's image with these booleans on."""
        self._switch(names, 1)
        data, size = c_void_p(), c_size_t()
        failed = self._library.sepol_policydb_to_image(
            self._handle, self._changeable, byref(data), byref(size)
        )
        self._switch(names, 0)
        if failed or not data.value:
            raise SepolError("the policy cannot be written")
        image = ctypes.string_at(data.value, size.value)
        self._c.free(data)
        return image

    def _switch(self, names: Iterable[str], value: int) -> None:
        lib, handle = self._library, self._handle
        for name in names:
            key, boolean = c_void_p(), c_void_p()
            lib.sepol_bool_key_create(handle, name.encode(), byref(key))
            lib.sepol_bool_create(handle, byref(boolean))
            lib.sepol_bool_set_name(handle, boolean, name.encode())
            lib.sepol_bool_set_value(boolean, value)
            lib.sepol_bool_set(handle, self._changeable, key, boolean)
            lib.sepol_bool_free(boolean)
            lib.sepol_bool_key_free(key)

    @property
    def _changeable(self) -> c_void_p:
        """The policy as a value whose booleans can be switched."""
        if self._database is None:
            database = c_void_p()
            self._library.sepol_policydb_create(byref(database))
            if self._library.sepol_policydb_from_image(
                self._handle, self._image, len(self._image), database
            ):
                raise SepolError("not a policy that this libsepol reads")
            self._database = database
        return self._database

    def _load(self, image: bytes) -> None:
        """Make it the policy that questions are put to."""
        stream = self._c.fmemopen(image, len(image), b"r")
        failed = not stream or self._library.sepol_set_policydb_from_file(stream)
        if stream:
            self._c.fclose(stream)
        if failed:
            raise SepolError("not a policy that this libsepol reads")


def library() -> ctypes.CDLL:
    """Libsepol with its functions declared."""
    for name in LIBRARIES:
        try:
            found = ctypes.CDLL(name)
        except OSError:
            continue
        try:
            for function, arguments in SIGNATURES.items():
                getattr(found, function).argtypes = arguments
        except AttributeError:
            raise SepolError("libsepol is older than 3.4") from None
        found.sepol_handle_create.restype = c_void_p
        found.sepol_bool_get_name.restype = c_char_p
        found.sepol_bool_get_name.argtypes = [c_void_p]
        found.sepol_debug(0)
        return found
    raise SepolError("libsepol is not installed")
