"""How an endpoint declares what is true of it: next to its route, in the OpenAPI document.

The line that holds the loop is marked in the source by a comment at its end: ``# blocks: NAME``
names the endpoint whose loop it holds. ``# framework: NAME`` marks the ``def`` line of an
endpoint on whose behalf the framework holds the loop, where no line of its own does.
"""

from __future__ import annotations

from typing import Any

from neverblock.model import Diagnosis, Verdict

WAIT_S = 0.2
"""How long a wait takes, where the case is not about its size."""


def passes(diagnosis: Diagnosis = Diagnosis.CONCURRENT, **how: Any) -> dict[str, Any]:
    """Declare an innocent endpoint."""
    return _declared(Verdict.PASS, diagnosis, **how)


def fails(diagnosis: Diagnosis, **how: Any) -> dict[str, Any]:
    """Declare a guilty endpoint."""
    return _declared(Verdict.FAIL, diagnosis, **how)


def errs(diagnosis: Diagnosis, **how: Any) -> dict[str, Any]:
    """Declare an endpoint whose requests fail as soon as there are several."""
    return _declared(Verdict.ERROR, diagnosis, **how)


def _declared(
    verdict: Verdict,
    diagnosis: Diagnosis,
    *,
    n: int = 10,
    loop_limit_s: float | None = None,
    body_row: str | None = None,
    body_rows: int = 0,
) -> dict[str, Any]:
    """Give the keyword arguments of a route.

    ``loop_limit_s`` is the limit under which this is true, where it is not the default one. The
    request's body is a JSON array of ``body_rows`` times ``body_row``.
    """
    declared: dict[str, Any] = {"verdict": verdict.value, "diagnosis": diagnosis.value, "n": n}
    if loop_limit_s is not None:
        declared["loop_limit_s"] = loop_limit_s
    if body_row is not None:
        declared["body"] = {"row": body_row, "rows": body_rows}
    return {"openapi_extra": {"x-truth": declared}}
