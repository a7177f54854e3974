"""Why a single request did not succeed, and what to configure so that it does. Pure.

The endpoint is then not measured at all: an answer that is none of its own says nothing about it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from harness.judge import is_right

if TYPE_CHECKING:
    from harness.look import Answer
    from harness.model import Record
    from harness.plan import Subject

REDIRECTS = range(300, 400)
CLIENT_ERRORS = range(400, 500)
LONGEST = 160
"""Characters of an answer that are told."""

TABLE = "[[tool.neverblock.endpoint]]"
CREDENTIALS = (
    "give credentials, e.g. [tool.neverblock.headers] with "
    'Authorization = "Bearer ${API_TOKEN}", or a login in [tool.neverblock] setup = "module:hook"'
)


def refused(record: Record, subject: Subject) -> bool:
    """Say whether a single request was refused, so that there is nothing to burst."""
    if record.error is not None or record.status is None:
        return True
    redirect = record.status in REDIRECTS and not subject.redirects and not subject.statuses
    return redirect or not is_right(record.status, subject.statuses)


def asked_wrongly(record: Record) -> bool:
    """Say whether a refusal is about how we asked: by a redirect, a client's error, or a length."""
    if record.status in REDIRECTS or record.status in CLIENT_ERRORS:
        return True
    return record.error is not None and record.first_byte_s is not None


def why_refused(record: Record, subject: Subject, answer: Answer) -> str:
    """Say in a sentence or two why, and what would make the endpoint checkable.

    ``answer`` is what a second look at the endpoint showed.
    """
    own = f"{TABLE} name = {json.dumps(subject.endpoint.name)}"
    if record.error is not None:
        return without_end(record, own) or f"a single request failed: {record.error}"
    match record.status:
        case 401 | 403:
            asks = answer.headers.get("www-authenticate")
            scheme = f" (it asks for {shortened(asks)})" if asks else ""
            return f"answers {record.status}: it needs credentials{scheme}; {CREDENTIALS}"
        case 404 | 410:
            return (
                f"answers {record.status} to these parameters; give ones that exist: {own} with "
                "path = { ... }"
            )
        case 405:
            allowed = answer.headers.get("allow", "another method")
            return f"answers 405: it takes {shortened(allowed)}"
        case 429:
            return "answers 429 to a single request: a rate limit; lift it for the check"
        case 400 | 415 | 422:
            said = shortened(answer.text)
            return (
                f"answers {record.status}: the request is not as it wants it{said and f' ({said})'}"
                f"; give parameters: {own} with query = {{ ... }}, headers or json"
            )
        case status if status in REDIRECTS:
            where = shortened(answer.headers.get("location", "elsewhere"))
            return (
                f"redirects ({status}) to {where}; check that one, give credentials where it is a "
                f"login, or take the redirect for its answer: {own} with statuses = [{status}]"
            )
        case status:
            said = shortened(answer.text)
            return f"answers {status} to a single request{said and f' ({said})'}: see its log"


def without_end(record: Record, own: str) -> str | None:
    """Say so where an answer began and did not come to its end in time, or was too large."""
    if record.first_byte_s is None:
        return None
    return (
        f"its answer began and did not end as expected: {record.error}; an endless stream or a "
        f"large download is no subject for a burst, leave it out with exclude = "
        f"[{own.partition(' = ')[2]}]"
    )


def shortened(text: str) -> str:
    """Give a text of somebody else's on one line, cut to what a person reads."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
