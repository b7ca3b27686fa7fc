"""The stack that a program asks for: the program headers alone are read."""

from hostprobe.facts.elf import StackSegment
from hostprobe.parse.elf.decoder import PT_GNU_STACK
from hostprobe.parse.elf.standard import Standard, is_standard
from hostprobe.parse.error import ParseError


def parse_stack_segment(data: bytes) -> StackSegment:
    """PT_GNU_STACK; ParseError for what is no ELF file of the gABI's layout."""
    if data[:4] != b"\x7fELF" or not is_standard(data):
        raise ParseError("not an ELF file of the usual layout")
    sizes = [one.memsz for one in Standard(data).segments if one.type == PT_GNU_STACK]
    return StackSegment(sizes[-1] if sizes else 0)
