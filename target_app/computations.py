"""The computations of the `hash` and `cpu` pairs, importable without FastAPI.

A worker of a process pool imports this module afresh; the less it pulls in, the sooner it works.
"""

from __future__ import annotations

from hashlib import sha256


def chained_sha256(message: bytes, rounds: int = 100_000) -> str:
    """Hash ``message`` with the digest before it, ``rounds`` times; give the last as hexadecimal.

    hashlib lets go of the GIL from 2048 bytes on; below that, as here, a thread keeps it.
    """
    digest = b""
    for _ in range(rounds):
        digest = sha256(digest + message).digest()
    return digest.hex()


def count_queens(size: int) -> int:
    """Count the ways to place ``size`` queens on a board of that size, none attacking another.

    A backtracking search over bit masks, in pure Python: it holds the GIL from start to end.
    """
    full = (1 << size) - 1

    def place(columns: int, left: int, right: int) -> int:
        if columns == full:
            return 1
        found = 0
        free = full & ~(columns | left | right)
        while free:
            queen = free & -free
            free ^= queen
            found += place(columns | queen, (left | queen) << 1, (right | queen) >> 1)
        return found

    return place(0, 0, 0)
