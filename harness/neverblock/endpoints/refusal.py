"""Why a single request did not succeed, and what to configure so that it does. Pure.

The endpoint is then not measured: a refusal says nothing about how its own work runs.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from neverblock.analysis.judge import is_right
from neverblock.endpoints.openapi.entry import headers_text
from neverblock.endpoints.refused_fields import lines_of_fields, refused_fields
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

LOGIN = f"{headers_text(['authorization'])}\n"
"""Credentials as the configuration takes them."""


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
    """Say whether it answered to values that nobody gave, for an endpoint that nobody named.

    Such an answer says nothing of the endpoint, and leaves it unchecked. What was named, or was
    asked with real values, and gives no answer that can be used is an error.
    """
    if subject.named or not subject.made_up:
        return False
    return record.error is None and record.status is not None


def why_refused(record: Record, subject: Subject, answer: Answer, log: str) -> str:
    """Say in a sentence why, and beneath it the configuration that makes the endpoint checkable.

    ``answer`` is that of the probe request, ``log`` what the server printed since it was asked. The
    sentence is the same for endpoints that refuse alike; what was asked, and answered, is a comment
    beneath it.
    """
    if record.error is not None:
        return why_without_end(record, subject, log)
    return why_unsteady(record, subject, answer, log) or why_status(record, subject, answer, log)


def why_status(record: Record, subject: Subject, answer: Answer, log: str) -> str:
    """Say why by the status of the answer, with what it has to say; see ``why_refused``."""
    said = f" ({shortened(answer.text)})" if answer.text.strip() else ""
    asked = shortened(subject.request.path)
    match record.status:
        case 401 | 403:
            return why_unknown(record, subject, answer)
        case 404 | 410:
            names = PARAMETER.findall(subject.endpoint.path)
            path = ", ".join(f"{name} = ..." for name in names)
            if not names:
                line = f"statuses = [{record.status}]"
                sentence = f"answers {record.status}{said}"
                return added(sentence, "if that is its right answer", subject, line)
            line = f"path = {{ {path} }}"
            note = f"{asked}{said}"
            return added(f"answers {record.status}", "give what exists", subject, line, note)
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
            return why_not_accepted(record, subject, answer)
        case status if answers_made_up(record, subject):
            cause = log.strip().splitlines()[-1] if has_traceback(log) else answer.text
            note = f"{asked}: {shortened(cause)}"
            sentence = f"answers {status} to made-up values"
            return added(sentence, "give real ones", subject, "", note)
        case status:
            return with_log(f"answers {status} to a single request for {asked}", said, log)


def why_unsteady(record: Record, subject: Subject, answer: Answer, log: str) -> str:
    """Say so where the probe request, the next one, was not refused: its answer explains nothing.

    "" where it was refused alike, or gave no answer.
    """
    if answer.status is None or answer.status == record.status:
        return ""
    asked = shortened(subject.request.path)
    sentence = (
        f"answers {record.status} to one request for {asked} and {answer.status} to the next, the "
        "same one: what makes it fail now and then (a limit of rate, an upstream, state in memory)?"
    )
    return f"{sentence} Meanwhile it printed:\n{log}" if log else sentence


def why_unknown(record: Record, subject: Subject, answer: Answer) -> str:
    """Say that credentials are missing; a body that was made up may have been the login itself."""
    challenge = answer.headers.get("www-authenticate")
    scheme = f" ({shortened(challenge)})" if challenge else ""
    sentence = f"answers {record.status}, it needs credentials{scheme}"
    login = 'log in by a function of yours, setup = "package.module:function"'
    if "body" not in subject.made_up:
        return f"{sentence}; {login}; or add\n{LOGIN}"
    sentence += ", or its made-up body would be the login itself: give a real one"
    return f"{sentence}; {login}; or add\n{LOGIN}\n{subject.entry}\n"


def why_not_accepted(record: Record, subject: Subject, answer: Answer) -> str:
    """Say what of a request is not accepted: the fields that the answer names, else its words."""
    fields = refused_fields(answer.text)
    said = f" ({shortened(answer.text)})" if answer.text.strip() else ""
    places = {one.place for one in fields} or {"body"} & {*subject.made_up}
    what = "body" if places == {"body"} else "request"
    made_up = "made-up " * ("body" in subject.made_up and what == "body")
    sentence = f"answers {record.status}, it does not accept the {made_up}{what}"
    asked = shortened(subject.request.path)
    if not fields:
        line = "json = { name = ... }" if what == "body" else "query = { name = ... }"
        return added(sentence, "give what it needs", subject, line, f"{asked}{said}")
    form = "form" in dict(subject.request.headers).get("content-type", "")
    note = shortened(f"{asked}: {'; '.join(map(str, fields))}")
    body = json_of(subject.request.content) if "body" in subject.made_up else None
    lines = lines_of_fields(subject.endpoint.name, fields, form=form, body=body)
    return f"{sentence}; give what it needs; add\n# {note}\n{lines}\n"


def json_of(content: bytes | None) -> Any:
    """Give what a body holds, or None where it is no JSON."""
    try:
        return json.loads(content or b"null")
    except (ValueError, RecursionError):
        return None


def with_log(sentence: str, said: str, log: str) -> str:
    """Give a sentence with what the server printed meanwhile, and what it ``said`` in its answer.

    A traceback says it better than the answer; whatever else is printed may be of anybody.
    """
    if has_traceback(log):
        return f"{sentence}:\n{log}"
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


def added(sentence: str, advice: str, subject: Subject, line: str, note: str = "") -> str:
    """Give a sentence, advice, and the configuration of an endpoint; ``note`` is a comment in it.

    Where values were made up it is they that are to be given, else what ``line`` says.
    """
    name = json.dumps(subject.endpoint.name)
    own = subject.entry if note else ""
    lines = own or f"[[tool.neverblock.endpoint]]\nname = {name}\n{line}"
    comment = f"# {note}\n" if note else ""
    return f"{sentence}; {advice}; add\n{comment}{lines}\n"


def shortened(text: str) -> str:
    """Give a foreign text on one line, cut to a length that a person reads."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
