"""How an endpoint of these apps declares what is true of it: next to its route, as literals.

The line that holds the loop ends with ``# blocks: NAME``, where NAME is the endpoint's function;
``# blocks: NAME 60%`` where lines share the time. ``# framework: NAME`` marks the ``def`` line of
an endpoint for which the framework holds the loop, ``# background`` a line that holds it for no
endpoint. A mark is good for the whole statement that begins on its line.
"""

from __future__ import annotations

from typing import Any

PASSING = ("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention", "short-waits")
"""Every diagnosis with which an endpoint passes."""


def passes(*diagnoses: str, **how: Any) -> dict[str, Any]:
    """Declare an innocent endpoint, concurrent unless it says otherwise."""
    return _declared(("pass",), diagnoses or ("concurrent",), **how)


def fails(*diagnoses: str, **how: Any) -> dict[str, Any]:
    """Declare a guilty endpoint, with one of these diagnoses."""
    return _declared(("fail",), diagnoses, **how)


def names_its_line(**how: Any) -> dict[str, Any]:
    """Declare an endpoint that may pass or fail, as long as its marked line is named."""
    return _declared(("pass", "fail"), (*PASSING, "blocking-io", "blocking-cpu"), **how)


def says(*words: str, **how: Any) -> dict[str, Any]:
    """Declare an endpoint of which nothing is known, and these words have to say so."""
    return _declared(("pass", "inconclusive"), (*PASSING, "inconclusive"), words=words, **how)


def _declared(
    verdicts: tuple[str, ...],
    diagnoses: tuple[str, ...],
    *,
    words: tuple[str, ...] = (),
    path: dict[str, str] | None = None,
    body_bytes: int = 0,
    upload_bytes: int = 0,
    needs: str | None = None,
) -> dict[str, Any]:
    """Give the keyword arguments of a route.

    ``words`` are patterns that reason or notes have to match. ``path`` has values for the
    parameters of the path, ``body_bytes`` and ``upload_bytes`` the size of a body or of a form's
    file. ``needs`` is a package without which the endpoint is not there.
    """
    truth = {
        "verdicts": verdicts,
        "diagnoses": diagnoses,
        "words": words,
        "path": path or {},
        "body_bytes": body_bytes,
        "upload_bytes": upload_bytes,
        "needs": needs,
    }
    return {"openapi_extra": {"x-truth": truth}}
