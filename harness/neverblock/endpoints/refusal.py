"""Why a single request did not succeed, and what to configure so that it does. Pure.

The endpoint is then not measured: a refusal says nothing about how its own work runs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from neverblock.analysis.judge import is_right
from neverblock.target.log_tail import has_traceback

if TYPE_CHECKING:
    from neverblock.endpoints.probe_request import Answer
    from neverblock.model import Record
    from neverblock.plan import Subject

REDIRECTS = range(300, 400)
CLIENT_ERRORS = range(400, 500)
PARAMETER = re.compile(r"{(\w+)")
LONGEST = 160
"""Characters of an answer that are shown."""

LOGIN = """[tool.neverblock.headers]
authorization = "Bearer ${API_TOKEN}"
"""
"""Credentials as the configuration takes them, the secret from the environment."""


NOTHING_CAME = (
    "the server answers others, so this waits for what does not come (an upstream, a lock, a "
    "queue); --deadline sets for how long a request is waited for"
)


def refused(record: Record, subject: Subject) -> bool:
    """Say whether a single request was refused, so that a burst would measure nothing."""
    if record.error is not None or record.status is None:
        return True
    redirect = record.status in REDIRECTS and not subject.redirects and not subject.statuses
    return redirect or not is_right(record.status, subject.statuses)


def answers_made_up(record: Record, subject: Subject) -> bool:
    """Say whether it answered, and to values that nobody gave: that says nothing about its own."""
    return bool(subject.made_up) and record.error is None and record.status is not None


def why_refused(record: Record, subject: Subject, answer: Answer, log: str) -> str:
    """Say in a sentence why, and beneath it the configuration that makes the endpoint checkable.

    ``answer`` is that of the probe request, ``log`` what the server printed since it was asked.
    """
    if record.error is not None:
        return why_without_end(record, subject, log)
    said = f" ({shortened(answer.text)})" if answer.text.strip() else ""
    asked = shortened(subject.request.path)
    match record.status:
        case 401 | 403:
            challenge = answer.headers.get("www-authenticate")
            scheme = f" ({shortened(challenge)})" if challenge else ""
            login = 'log in by a function of yours, setup = "package.module:function"'
            sentence = f"answers {record.status}, it needs credentials{scheme}"
            return f"{sentence}; {login}; or add\n{LOGIN}"
        case 404 | 410:
            names = PARAMETER.findall(subject.endpoint.path)
            path = ", ".join(f"{name} = ..." for name in names)
            sentence = f"answers {record.status} to {asked}{said}"
            if not names:
                line = f"statuses = [{record.status}]"
                return added(sentence, "if that is its right answer", subject, line)
            return added(sentence, "give what exists", subject, f"path = {{ {path} }}")
        case 405:
            allowed = answer.headers.get("allow")
            return (
                f"answers 405: it takes {shortened(allowed)}" if allowed else f"answers 405{said}"
            )
        case 429:
            return "answers 429 to a single request: a rate limit; lift it for the check"
        case status if status in REDIRECTS:
            where = shortened(answer.headers.get("location", "elsewhere"))
            sentence = f"redirects ({status}) to {where}"
            advice = "check that; give credentials if it is a login; or accept it as the answer"
            return added(sentence, advice, subject, f"statuses = [{status}]")
        case status if status in CLIENT_ERRORS:
            sentence = f"answers {status}, it does not accept the request{said}"
            return added(sentence, "add what it needs", subject, "query = { name = ... }")
        case status:
            sentence = f"answers {status} to a single request for {asked}"
            if has_traceback(log):
                return f"{sentence}:\n{log}"
            # what else is printed meanwhile may be of anybody
            return f"{sentence}{said}{f'; meanwhile it printed:{chr(10)}{log}' if log else ''}"


def why_without_end(record: Record, subject: Subject, log: str) -> str:
    """Say why no complete answer came; one that began may be endless, or too large for a burst."""
    if record.first_byte_s is None:
        failed = f"a single request failed: {record.error}"
        if record.error is not None and record.error.startswith("timeout"):
            return f"{failed}; {NOTHING_CAME}"
        return f"{failed}; meanwhile the server printed:\n{log}" if log else failed
    name = json.dumps(subject.endpoint.name)
    return (
        f"its answer began, and then: {record.error}; an endless stream or a large download cannot "
        f"be measured by a burst; exclude it with\n[tool.neverblock]\nexclude = [{name}]\n"
    )


def added(sentence: str, advice: str, subject: Subject, line: str) -> str:
    """Give a sentence, advice, and the table of an endpoint with one line in it."""
    name = json.dumps(subject.endpoint.name)
    return f"{sentence}; {advice}; add\n[[tool.neverblock.endpoint]]\nname = {name}\n{line}\n"


def shortened(text: str) -> str:
    """Give a foreign text on one line, cut to a length that a person reads."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
