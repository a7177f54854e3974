"""One request of a burst, whole, as Locust's event tells of it.

Imported in a Locust process only.
"""

from __future__ import annotations

import hashlib
import time
from typing import Any

import locust  # noqa: F401 - before all that it monkey-patches

# isort: split
import geventhttpclient.client
from locust.contrib.fasthttp import LocustBadStatusCode

from neverblock.load.empty_answer import is_empty
from neverblock.load.failure_text import reason_of


def send_each_once() -> None:
    """Send no GET again whose connection was lost: a record is one request."""
    geventhttpclient.client.IDEMPOTENT_METHODS = frozenset()


def record_of(request: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """Make a record of a request event, which is fired as soon as the answer is read.

    Its ``start_time`` is the wall clock's, which may be set back; so the send is the end less
    ``response_time``.
    """
    done_s = time.monotonic()
    sent_s = done_s - request["response_time"] / 1000
    response, exception = request["response"], request["exception"]
    # Of an answer with a bad status geventhttpclient drops the body, so it has no digest.
    whole = exception is None or isinstance(exception, LocustBadStatusCode)
    first_byte_s = getattr(response, "first_byte_s", None)
    return {
        "sent_s": sent_s,
        "first_byte_s": first_byte_s and max(first_byte_s, sent_s),
        "done_s": done_s,
        "status": response.status_code if whole else None,
        "error": None if whole else reason_of(exception, timeout_s),
        "answer": _digest(response.content) if exception is None else None,
        "empty": exception is None and is_empty(response.content or b""),
    }


def _digest(body: bytes | None) -> str:
    return hashlib.sha256(body or b"").hexdigest()[:16]
