"""A listening socket that one process binds and another, which it starts, serves."""

from __future__ import annotations

import socket
import sys


def passed_on(sock: socket.socket) -> tuple[str, tuple[int, ...]]:
    """Say in one word how a child gets a listening socket, and which descriptors it inherits.

    Where none can be inherited, the child binds the port itself.
    """
    if sys.platform == "win32":
        return f":{sock.getsockname()[1]}", ()
    return str(sock.fileno()), (sock.fileno(),)


def taken_over(word: str) -> socket.socket:
    """Give the listening socket that the parent of this process named by ``passed_on``."""
    if not word.startswith(":"):
        return socket.socket(fileno=int(word))
    sock = bound(int(word[1:]))
    sock.listen()
    return sock


def bound(port: int) -> socket.socket:
    """Bind a socket to a port of loopback, to any free one for 0. Raises OSError if it is taken."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # What POSIX calls reuse, Windows calls taking a port away from the process that has it.
    option = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
    sock.setsockopt(socket.SOL_SOCKET, option, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        raise
    return sock
