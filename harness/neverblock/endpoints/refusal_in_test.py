"""Why a single request did not succeed, and what to give in a test so that it does. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.endpoints.refusal import CLIENT_ERRORS, REDIRECTS, shortened, why_unsteady
from neverblock.endpoints.refused_fields import refused_fields

if TYPE_CHECKING:
    from neverblock.endpoints.probe_request import Answer
    from neverblock.model import Record
    from neverblock.plan import Subject

LONGER = "@pytest.mark.neverblock(deadline='60s') gives a request longer"


def why_refused_in_test(record: Record, subject: Subject, answer: Answer, log: str) -> str:
    """Say in a sentence why, and what `neverblock.check` takes that changes it.

    ``answer`` is that of the probe request, ``log`` what the server printed since it was asked.
    """
    asked = shortened(subject.request.path)
    if record.error is not None:
        began = "its answer began, and then" if record.first_byte_s else "a single request failed"
        return f"{began}: {record.error}; {LONGER}"
    if unsteady := why_unsteady(record, subject, answer, log):
        return unsteady
    said = f" ({shortened(answer.text)})" if answer.text.strip() else ""
    sentence = f"answers {record.status} to a single request for {asked}{said}"
    named = refused_fields(answer.text)
    match record.status:
        case 401 | 403:
            return (
                f"{sentence}: give headers={{'authorization': ...}} to check(), or to every check "
                "by [tool.neverblock.headers], or replace the dependency: "
                "app.dependency_overrides[...]"
            )
        case 404 | 410:
            return f"{sentence}: give a path that exists to check()"
        case 405:
            allowed = shortened(answer.headers.get("allow", "another method"))
            return f"{sentence}: it takes {allowed}"
        case status if status in REDIRECTS:
            where = shortened(answer.headers.get("location", "elsewhere"))
            return f"{sentence}: it redirects to {where}; check that"
        case status if status in CLIENT_ERRORS:
            fields = ", ".join(".".join((one.place, *one.names)) for one in named)
            of = f" for {fields}" * bool(fields)
            return f"{sentence}: give json=, content= or headers={of} to check()"
    return f"{sentence}:\n{log}" if log else sentence
