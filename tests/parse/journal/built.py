"""Files of journald built byte by byte, in every variant; journalctl reads them too."""

import ctypes
import lzma
import struct

from hostprobe.parse.journal.hashes import lookup3, siphash24

XZ, LZ4, KEYED, ZSTD, COMPACT = 1, 2, 4, 8, 16
OBJECT_FLAGS = {XZ: 1, LZ4: 2, ZSTD: 4}
FILE_ID, MACHINE = bytes(range(16)), bytes.fromhex("0123456789abcdef0123456789abcdef")
BUCKETS, HEADER = 7, 256
TIME = 1_700_000_000_000_000


def packed_lz4(text):
    """What liblz4 makes of it."""
    library, room = ctypes.CDLL("liblz4.so.1"), ctypes.create_string_buffer(2 * len(text) + 99)
    size = library.LZ4_compress_default(text, room, len(text), len(room))
    return len(text).to_bytes(8, "little") + room.raw[:size]


def packed_zstd(text):
    """What libzstd makes of it."""
    library, room = ctypes.CDLL("libzstd.so.1"), ctypes.create_string_buffer(2 * len(text) + 99)
    library.ZSTD_compress.restype = ctypes.c_size_t
    library.ZSTD_compress.argtypes = [
        ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int,
    ]  # fmt: skip
    size = library.ZSTD_compress(room, len(room), text, len(text), 3)
    return room.raw[:size]


def packed_xz(text):
    """As journald does it."""
    return lzma.compress(text, check=lzma.CHECK_NONE)


PACK = {XZ: packed_xz, LZ4: packed_lz4, ZSTD: packed_zstd}


class Builder:
    """Objects one behind the other; what they point to is filled in as it comes."""

    def __init__(self, flags, long):
        self.flags = flags
        self.long = long
        """From how many bytes on a value is compressed."""

        self.image = bytearray(HEADER)
        self.objects = 0
        self.tables = [self.table(4), self.table(5)]
        self.known = {}
        self.entries = []

    def put(self, place, *numbers):
        struct.pack_into(f"<{len(numbers)}Q", self.image, place, *numbers)

    def object(self, kind, body, flags=0):
        self.image += bytes(-len(self.image) % 8)
        place = self.last = len(self.image)
        self.image += struct.pack("<BB6xQ", kind, flags, 16 + len(body)) + body
        self.objects += 1
        return place

    def table(self, kind):
        return self.object(kind, bytes(16 * BUCKETS)) + 16

    def hash(self, text):
        return siphash24(FILE_ID, text) if self.flags & KEYED else lookup3(text)

    def chained(self, table, place, text):
        """Behind the last one of its bucket."""
        bucket = table + self.hash(text) % BUCKETS * 16
        head, tail = struct.unpack_from("<2Q", self.image, bucket)
        if tail:
            self.put(tail + 24, place)
        self.put(bucket, head or place, place)

    def data(self, text):
        if text in self.known:
            return self.known[text][0]
        kind = next((kind for kind in PACK if self.flags & kind), 0)
        is_packed = kind and len(text) >= self.long
        payload = PACK[kind](text) if is_packed else text
        room = bytes(8) if self.flags & COMPACT else b""
        body = struct.pack("<Q", self.hash(text)) + bytes(40) + room + payload
        place = self.object(1, body, OBJECT_FLAGS[kind] if is_packed else 0)
        self.chained(self.tables[0], place, text)
        self.field(text.partition(b"=")[0], place)
        self.known[text] = place, []
        return place

    def field(self, name, data):
        if name not in self.known:
            body = struct.pack("<3Q", self.hash(name), 0, 0) + name
            self.known[name] = self.object(2, body), []
            self.chained(self.tables[1], self.known[name][0], name)
        place = self.known[name][0] + 32
        self.put(data + 32, *struct.unpack_from("<Q", self.image, place))
        self.put(place, data)

    def entry(self, fields):
        texts = [name + b"=" + value for name, value in fields.items()]
        places = sorted(self.data(text) for text in texts)
        number = len(self.entries) + 1
        head = struct.pack("<3Q", number, TIME + number, number) + b"b" * 16
        checksum = 0
        for text in texts:
            checksum ^= lookup3(text)
        items = struct.pack(f"<{len(places)}I", *places)
        if not self.flags & COMPACT:
            hashes = {self.known[text][0]: self.hash(text) for text in texts}
            items = b"".join(struct.pack("<2Q", place, hashes[place]) for place in places)
        self.entries.append(self.object(3, head + struct.pack("<Q", checksum) + items))
        for text in texts:
            self.known[text][1].append(self.entries[-1])

    def arrays(self, entries):
        """A chain of arrays, of which the second holds what the first has no room for."""
        first, rest = entries[:2], entries[2:]
        form = f"<Q{len(first)}{'I' if self.flags & COMPACT else 'Q'}"
        place = self.object(6, struct.pack(form, 0, *first))
        if rest:
            self.put(place + 16, self.arrays(rest))
        return place

    def finish(self):
        for text, (place, entries) in self.known.items():
            if b"=" in text:
                array = self.arrays(entries[1:]) if entries[1:] else 0
                self.put(place + 40, entries[0], array, len(entries))
        array = self.arrays(self.entries)
        flags = struct.pack("<8s2IB7x", b"LPKSHHRH", 0, self.flags, 0)
        self.image[:24] = flags
        self.image[24:88] = FILE_ID + MACHINE + b"b" * 16 + FILE_ID
        size = 16 * BUCKETS
        self.put(88, HEADER, len(self.image) - HEADER, self.tables[0], size, self.tables[1], size)
        count = len(self.entries)
        self.put(
            136, self.last, self.objects, count, count, 1, array, TIME + 1, TIME + count, count
        )
        fields = [text for text in self.known if b"=" not in text]
        self.put(208, len(self.known) - len(fields), len(fields), 0, count)
        return bytes(self.image)


def journal(entries, flags=0, long=300):
    """A file with these entries, each a dict of fields."""
    builder = Builder(flags, long)
    for entry in entries:
        builder.entry(entry)
    return builder.finish()
