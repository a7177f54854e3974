from __future__ import annotations

import asyncio
import socket

import pytest

from neverblock.endpoints.find import without_endpoints
from neverblock.endpoints.openapi.fetch import Document, fetch_document
from neverblock.errors import TargetError
from neverblock.probe.config import ProbeConfig
from neverblock.probe.wrapper import ProbedApp
from neverblock.result import Unchecked

five = 5


def test_an_app_without_routes_is_told_from_one_without_a_document():
    """The first needs a router, the second the names of its endpoints."""
    empty = without_endpoints(Document({"paths": {}}, inside=True), ())
    none = without_endpoints(None, (Unchecked("GET", "/hi", "not in the document"),))
    assert "no routes" in empty.what
    assert "no OpenAPI document" in none.what
    assert "Some: GET /hi." in none.hint


def test_what_is_no_app_is_said_with_its_value():
    """`app = 5` is neither an app without routes nor one without a document."""
    with pytest.raises(TypeError, match=r"test_nothing_to_ask:five is 5, and no ASGI app"):
        ProbedApp.from_config(ProbeConfig(target=f"{__name__}:five", trace_dir=""))


def test_a_port_where_nobody_listens_is_said_with_what_to_start():
    """A URL whose server is not up is the most likely cause of all."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        with pytest.raises(TargetError) as caught:
            asyncio.run(fetch_document(url, probed=False))
    assert caught.value.what == f"Nothing answers at {url}: connection refused."
    assert f"uvicorn main:app --port {port}" in caught.value.hint
