"""CRC-32C, the checksum of TensorFlow's checkpoints: at the speed of numpy, because it covers every byte of them."""

from __future__ import annotations

import functools

import numpy as np

_POLYNOMIAL = 0x82F63B78
_ALL_ONES = 0xFFFFFFFF
_MASK_DELTA = 0xA282EAD8
_LANE = 512  # bytes; a power of two
_PIECE = 2**22  # bytes looked at together: enough lanes to be quick, few enough for the processor's cache
_SMALL = 2**12  # bytes; below, numpy's overhead is more than it saves


def masked_crc32c(data: memoryview | bytes) -> int:
    r"""The checksum in the form that TensorFlow stores: rotated and shifted, so that it is no checksum of itself.

    Args:
        data: Bytes.

    Returns:
        Thirty-two bits.

    Example:
        >>> from flax_albert.checkpoint.formats.crc32c import crc32c, masked_crc32c
        >>> hex(crc32c(b"123456789")), hex(masked_crc32c(b"123456789"))
        ('0xe3069283', '0xc78ab0e5')
    """
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK_DELTA) & _ALL_ONES


def crc32c(data: memoryview | bytes) -> int:
    """The checksum itself (Castagnoli's polynomial, as in RFC 3720).

    Args:
        data: Bytes.

    Returns:
        Thirty-two bits.
    """
    numbers = np.frombuffer(data, np.uint8)
    state = _ALL_ONES
    for start in range(0, len(numbers), _PIECE):
        piece = numbers[start : start + _PIECE]
        state = _bytewise(state, piece) if len(piece) < _SMALL else _lanewise(state, piece)
    return state ^ _ALL_ONES


def _lanewise(state: int, data: np.ndarray) -> int:
    """The register after more bytes: lanes of equal length side by side, then joined two by two.

    Zeros before everything else leave an empty register empty, so they fill up the first lanes; what the register holds
    acts like the same bits in the first four bytes.
    """
    lanes = 1 << ((len(data) - 1) // _LANE).bit_length()
    padded = np.zeros(lanes * _LANE, np.uint8)
    padded[-len(data) :] = data
    first = len(padded) - len(data)
    padded[first : first + 4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
    table = _word_table()
    registers = np.zeros(lanes, np.uint32)
    for words in padded.view("<u2").reshape(lanes, -1).T:
        registers = table[(registers ^ words) & 0xFFFF] ^ registers >> np.uint32(16)
    for operator in _shifts():
        if len(registers) == 1:
            break
        registers = _applied(operator, registers[0::2]) ^ registers[1::2]
    return int(registers[0])


def _bytewise(state: int, data: np.ndarray) -> int:
    table = _byte_table()
    for byte in data.tolist():
        state = table[(state ^ byte) & 0xFF] ^ state >> 8
    return state


def _applied(operator: np.ndarray, registers: np.ndarray) -> np.ndarray:
    """A linear operator, given by its images of the 32 bits, applied to registers."""
    result = np.zeros_like(registers)
    for bit in range(32):
        result ^= operator[bit] * (registers >> np.uint32(bit) & np.uint32(1))
    return result


@functools.cache
def _shifts() -> list[np.ndarray]:
    """The operators that a lane, two lanes, four lanes, ... of zeros are on the register."""
    bits = np.uint32(1) << np.arange(32, dtype=np.uint32)
    operator = _word_table()[bits & 0xFFFF] ^ bits >> np.uint32(16)
    operators = []
    size = 2
    while size < _PIECE:
        if size >= _LANE:
            operators.append(operator)
        operator = _applied(operator, operator)
        size *= 2
    return operators


@functools.cache
def _word_table() -> np.ndarray:
    """What each sixteen bits become when they leave the register."""
    table = np.arange(2**16, dtype=np.uint32)
    for _ in range(16):
        table = np.where(table & 1, table >> 1 ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


@functools.cache
def _byte_table() -> list[int]:
    table = list(range(256))
    for _ in range(8):
        table = [value >> 1 ^ (_POLYNOMIAL if value & 1 else 0) for value in table]
    return table
