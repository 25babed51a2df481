"""The first page of a PDF as a small PNG, for the landing page.

pypdfium2 renders a page in 10 ms and needs nothing else. The PNG is written here: its format is four chunks, and an
imaging library would be the larger dependency.

Source: W3C (2003), Portable Network Graphics specification, second edition, sections 5 and 9.
"""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

WIDTH = 360
"""Pixels across: twice what the page shows, so that it is sharp on dense screens."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2  # PNG's filter type: each byte less the one above it


def thumbnail(pdf: bytes, width: int = WIDTH) -> bytes:
    """Return the first page of a PDF as a PNG.

    Args:
        pdf: The file.
        width: In pixels.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        bitmap = page.render(scale=width / page.get_width(), rev_byteorder=True)
        return png(bitmap.to_numpy()[:, :, :3])
    finally:
        document.close()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return an RGB picture as a PNG.

    Args:
        pixels: Shape (height, width, 3).
    """
    height, width, _ = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    lines = np.full((height, rows.shape[1] + 1), _UP, np.uint8)
    lines[:, 1:] = rows
    lines[1:, 1:] -= rows[:-1]  # modulo 256, as PNG counts
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b"")
    return _SIGNATURE + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
