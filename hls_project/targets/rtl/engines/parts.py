"""What parts of hardware take of a 7-series part, counted: the engines' costs consist of them."""

from __future__ import annotations

# Words of a block RAM of 18 kbit at each width with its parity bits (AMD UG473).
BRAM18 = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))


def block_ram18(words: int, bits: int) -> int:
    """Return the block RAMs of 18 kbit of a memory with one port to read: at the native width that needs fewest.

    As yosys 0.70 lays it out: the words that one address of the blocks reads stand side by side, a bit beside the other.
    """
    return _block_ram18(words, bits)[0]


def block_ram_multiplexers(words: int, bits: int) -> int:
    """Return the LUTs that choose among the block RAMs of a memory that is deeper than one."""
    choices = _block_ram18(words, bits)[1]
    return bits * max(choices - 1 and 1, (choices - 1) // 2)  # without the multiplexers behind LUTs


def _block_ram18(words: int, bits: int) -> tuple[int, int]:
    """Return the block RAMs, and how many words one address of them reads."""
    return min((-(-(-(-words // depth) * bits) // width), -(-words // depth)) for depth, width in BRAM18)


def distributed_ram(words: int, bits: int) -> int:
    """Return the LUTs of a memory with a port to write and one to read: RAM32M holds 6 bits, RAM64M 3."""
    return -(-bits // 6) * 4 if words <= 32 else -(-bits // 3) * 4 * -(-words // 64)


def single_port_ram(bits: int) -> int:
    """Return the LUTs of a memory of up to 32 words that is read where it is written: 8 bits in RAM32M, one in RAM32X1S."""
    return bits // 8 * 4 + min(4, bits % 8)


def multiplexer(choices: int) -> int:
    """Return the LUTs of one bit chosen of some: four of them in one LUT, more by the multiplexers behind LUTs."""
    return 0 if choices <= 1 else -(-choices // 4)


def tree(terms: int, bits: int) -> tuple[int, int]:
    """Return the adder bits and register bits of a tree of unsigned numbers that has a register behind each adder."""
    adders = registers = 0
    while terms > 1:
        adders += terms // 2 * bits
        bits, terms = bits + 1, -(-terms // 2)
        registers += terms * bits
    return adders, registers


def signed_tree(terms: int, bits: int, limit: int) -> tuple[int, int]:
    """Return the same of signed numbers, none wider than `limit`."""
    adders = registers = 0
    while terms > 1:
        bits = min(bits + 1, limit)
        adders += terms // 2 * bits
        terms = -(-terms // 2)
        registers += terms * bits
    return adders, registers
