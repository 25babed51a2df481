"""Numbers that stand for names, the same everywhere and for good."""

from __future__ import annotations

import hashlib


def key_number(*parts: object, below: int = 2**63) -> int:
    """Return a number from 0 on that stands for some parts (a seed, a student's id), evenly spread below a limit."""
    text = "\0".join(map(str, parts))
    digest = hashlib.blake2b(
        text.encode("utf-8", "surrogatepass"), digest_size=16, person=b"chainsheet-key"
    ).digest()
    return int.from_bytes(digest, "little") % below
