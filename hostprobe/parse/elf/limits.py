"""Caps on what one object may hold; reaching one is a ParseError that says so.

They stand far above real objects (the largest known have about half a million dynamic symbols)
and keep time and memory for hostile ones bounded.
"""

MAX_SEGMENTS = 4_096
MAX_DYNAMIC_ENTRIES = 65_536
MAX_SYMBOLS = 2_000_000
MAX_SAME_NAME = 1_024
"""Definitions of one name."""

MAX_RELOCATIONS = 32_000_000
"""Entries read behind the relative ones of one table."""

MAX_DISTINCT_RELOCATIONS = 2_000_000
"""Distinct (symbol, type) pairs of one object."""

MAX_HASH_BUCKETS = 4_000_000
MAX_STRING_TABLE = 256 << 20
"""Bytes of DT_STRSZ."""

MAX_STRINGS = 4_000_000
MAX_SUFFIX_BYTES = 64 << 20
"""Bytes of names that begin inside another string, together."""

MAX_VERSIONS = 32_768
"""Entries of DT_VERNEED and of DT_VERDEF; an index has 15 bits."""

MAX_PATH = 4_096
MAX_NOTE_BYTES = 65_536
MAX_FOREIGN_READS = 2_000_000
"""Reads that pyelftools may make of one object; a symbol takes six."""
