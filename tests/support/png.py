"""The pixels of a PNG as a browser writes it: eight bits a channel, not interlaced.

Source: W3C, Portable Network Graphics (PNG) Specification, 7 and 9.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}


def pixels(file: Path) -> list[list[str]]:
    """The rows of a picture, each pixel as HTML writes a colour."""
    data = file.read_bytes()
    assert data.startswith(SIGNATURE)
    parts = dict[bytes, bytes]()
    at = len(SIGNATURE)
    while at < len(data):
        (size,), kind = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        parts[kind] = parts.get(kind, b"") + data[at + 8 : at + 8 + size]
        at += size + 12
    width, height, depth, colour, *_, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, interlaced) == (8, 0)
    channels = CHANNELS[colour]
    rows = _rows(zlib.decompress(parts[b"IDAT"]), width * channels, height, channels)
    return [
        [f"#{row[n]:02x}{row[n + 1]:02x}{row[n + 2]:02x}" for n in range(0, len(row), channels)]
        for row in rows
    ]


def _rows(raw: bytes, size: int, height: int, step: int) -> list[bytearray]:
    rows, above = [], bytearray(size)
    for number in range(height):
        start = number * (size + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + size]), above, step)
        rows.append(above)
    return rows


def _unfiltered(kind: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    for n, value in enumerate(row):
        left = row[n - step] if n >= step else 0
        corner = above[n - step] if n >= step else 0
        row[n] = (value + _predicted(kind, left, above[n], corner)) & 255
    return row


def _predicted(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        guess = left + up - corner
        return min((left, up, corner), key=lambda each: abs(guess - each))
    return (0, left, up, (left + up) // 2)[kind]
