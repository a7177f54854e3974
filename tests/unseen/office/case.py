"""What is true of an endpoint, declared at its route."""

from __future__ import annotations

PASSES = {"concurrent", "cpu-bound", "gil-contention", "cooperative-cpu"}


def bad(diagnosis: str) -> dict:
    """Declare a way to block the loop."""
    return _declared(diagnosis, role="bad")


def good(diagnosis: str, of: str) -> dict:
    """Declare the endpoint that does rightly what another does badly."""
    return _declared(diagnosis, role="twin", of=of)


def decoy(diagnosis: str = "concurrent") -> dict:
    """Declare an endpoint that looks guilty and is innocent."""
    return _declared(diagnosis, role="decoy")


def _declared(diagnosis: str, **more: str) -> dict:
    verdict = "pass" if diagnosis in PASSES else "fail"
    return {"x-truth": {"verdict": verdict, "diagnosis": diagnosis, "n": 10, **more}}
