"""Providers that count as the same one: moves between them are never interpositions.

The families were measured on real hosts, where they are all that moves when nothing is wrong:
glibc's own libraries among each other, copies of one build, the static interpreter and its
libpython, C++ inline code that every object carries weakly, allocators somebody preloaded on
purpose, BLAS dispatch.
COPY slots and canonical PLT entries are followed to the library behind them beforehand.
"""

from hostprobe.facts.elf import STB_GNU_UNIQUE, STB_WEAK, Elf

GLIBC = (
    b"libc.so.",
    b"libm.so.",
    b"libmvec.so.",
    b"libpthread.so.",
    b"libdl.so.",
    b"librt.so.",
    b"libresolv.so.",
    b"libutil.so.",
    b"libanl.so.",
    b"libnsl.so.1",
    b"ld-linux",
    b"ld64.so.",
    b"ld.so.",
)
CXX_RUNTIME = (b"libstdc++.so.", b"libgcc_s.so.", b"libc++.so.", b"libc++abi.so.")
ALLOCATION = frozenset(
    b"malloc free calloc realloc memalign aligned_alloc posix_memalign valloc pvalloc "
    b"malloc_usable_size malloc_stats mallinfo mallinfo2 mallopt malloc_trim reallocarray "
    b"cfree".split()
)
BLAS_MARKERS = (b"dgemm_", b"cblas_dgemm", b"dgesv_")


def is_glibc(elf: Elf) -> bool:
    """One of the libraries that glibc itself installs."""
    return (elf.soname or b"").startswith(GLIBC)


def is_python(elf: Elf) -> bool:
    """A libpython, or an executable or module with one linked in."""
    return b"Py_Initialize" in elf.definitions


def is_cxx_runtime(elf: Elf) -> bool:
    """The C++ standard library: it may serve whoever carries parts of it."""
    return (elf.soname or b"").startswith(CXX_RUNTIME)


def is_weak_cxx(symbol: bytes, elf: Elf) -> bool:
    """C++ code or type info that every object may carry; the first one in scope serves all."""
    definitions = elf.definitions.get(symbol, ())
    return all(one.bind in (STB_WEAK, STB_GNU_UNIQUE) for one in definitions)


def is_blas(elf: Elf) -> bool:
    """A BLAS or LAPACK; those are made to be exchanged."""
    return any(marker in elf.definitions for marker in BLAS_MARKERS)


def is_same_provider(symbol: bytes, winner: Elf, loser: Elf) -> bool:
    """Two definitions that an administrator would not tell apart."""
    if symbol.startswith(b"_Z"):
        weak = is_weak_cxx(symbol, winner) and is_weak_cxx(symbol, loser)
        return weak or is_cxx_runtime(winner)
    return (
        (is_glibc(winner) and is_glibc(loser))
        or (is_python(winner) and is_python(loser))
        or (is_blas(winner) and is_blas(loser))
        or (winner.build_id is not None and winner.build_id == loser.build_id)
    )
