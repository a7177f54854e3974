"""Why a request failed, in the same words for every engine and library."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_ANSWER = "connection closed without a response"
_HALF_AN_ANSWER = "connection closed in the middle of the response"

_BY_ERRNO = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EPIPE: "connection reset",
    errno.EMFILE: "too many open files (see ulimit -n)",
}

_BY_NAME = {
    "ServerDisconnectedError": _NO_ANSWER,  # aiohttp
    "ClientPayloadError": _HALF_AN_ANSWER,
    "HTTPConnectionClosed": _NO_ANSWER,  # geventhttpclient
    "HTTPParseError": _HALF_AN_ANSWER,
}
"""By name, so that no engine has to import another's library."""


def reason_of(error: BaseException, timeout_s: float | None = None) -> str:
    """Say why a request failed, from the whole chain of its causes."""
    for cause in _causes(error):
        if isinstance(cause, OSError) and cause.errno is not None:
            return _BY_ERRNO.get(cause.errno) or os.strerror(cause.errno).lower()
        if type(cause).__name__ in _BY_NAME:
            return _BY_NAME[type(cause).__name__]
        if isinstance(cause, TimeoutError) or type(cause).__name__ == "Timeout":  # gevent's
            return "timeout" if timeout_s is None else f"timeout after {float(timeout_s)} s"
    first_line = next(iter(f"{error}".splitlines()), "")
    return f"{type(error).__name__}: {first_line[:120]}".removesuffix(": ")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        kept = getattr(cause, "original", None)  # where geventhttpclient keeps it
        cause = kept or cause.__cause__ or cause.__context__
