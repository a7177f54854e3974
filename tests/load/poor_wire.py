"""A poor link between two network interfaces: frames are late, and one in a hundred is lost.

Makes two taps and prints a line; whoever started it puts each into a namespace. The kernel's own
``netem`` is a module that many machines have not; a tap they have.
"""

from __future__ import annotations

import fcntl
import os
import random
import select
import struct
import sys
import time
from collections import deque

DELAY_S, LOSS = 0.02, 0.01
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
"""Of linux/if_tun.h."""


def tap(name: str) -> int:
    """Make a network interface, and give the file by which its frames come and go."""
    file = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(file, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return file


def main(names: list[str]) -> None:
    """Hand frames from each end to the other, until it is killed."""
    one, other = map(tap, names)
    sys.stdout.write("made\n")
    sys.stdout.flush()
    ends = {one: other, other: one}
    chance = random.Random(1)  # noqa: S311 - losses are no secret
    under_way: deque[tuple[float, int, bytes]] = deque()
    while True:
        wait_s = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        for end in select.select([*ends], [], [], wait_s)[0]:
            frame = read(end)
            if frame and chance.random() >= LOSS:
                under_way.append((time.monotonic() + DELAY_S, ends[end], frame))
        while under_way and under_way[0][0] <= time.monotonic():
            _, end, frame = under_way.popleft()
            write(end, frame)


def read(end: int) -> bytes:
    """Give a frame; nothing while the interface is down."""
    try:
        return os.read(end, 2**16)
    except OSError:
        time.sleep(0.01)
        return b""


def write(end: int, frame: bytes) -> None:
    """Send a frame; it is lost while the interface is down."""
    try:
        os.write(end, frame)
    except OSError:
        return


if __name__ == "__main__":
    main(sys.argv[1:])
