"""Contents with a chosen CRC-32."""

from __future__ import annotations

import struct
import zlib


def forged_tail(head: bytes, checksum: int) -> bytes:
    """Return four bytes behind `head` that give it this checksum, by elimination over the bits of the tail."""
    base = zlib.crc32(head + bytes(4))
    rows: dict[int, tuple[int, int]] = {}
    for bit in range(32):
        effect, tail = zlib.crc32(head + struct.pack("<L", 1 << bit)) ^ base, 1 << bit
        while effect and effect.bit_length() in rows:
            other_effect, other_tail = rows[effect.bit_length()]
            effect, tail = effect ^ other_effect, tail ^ other_tail
        rows[effect.bit_length()] = (effect, tail)
    missing, tail = checksum ^ base, 0
    while missing:
        effect, bits = rows[missing.bit_length()]
        missing, tail = missing ^ effect, tail ^ bits
    return struct.pack("<L", tail)
