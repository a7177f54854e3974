"""A middleware that only awaits what is beneath it is not what works there."""

from __future__ import annotations

from dataclasses import replace

from neverblock.analysis.blame import own_frame
from neverblock.measurement import Frame

JSON = Frame("/lib/python3.11/json/encoder.py", 1, "encode", "library")
APP = Frame("/site-packages/starlette/cors.py", 9, "CORSMiddleware.__call__", "framework")
INNER = Frame("/app/zip.py", 48, "Responder.__call__", "project", call="self.app")
OUTER = Frame("/app/zip.py", 27, "Middleware.__call__", "project", call="responder")


def test_a_middleware_of_two_classes_passes_a_request_on_as_one_does():
    """One awaits the other, which awaits the framework."""
    assert own_frame((JSON, APP, INNER, OUTER)) is None


def test_what_one_of_its_classes_does_itself_is_its_own():
    """Also where the other awaits it."""
    assert own_frame((JSON, INNER, OUTER)) == INNER


def test_a_function_that_awaits_a_middleware_is_the_users_own():
    """It is no app that passes on what it was called with."""
    helper = replace(OUTER, function="answer")
    assert own_frame((JSON, APP, INNER, helper)) == helper
