"""What is found of a server whose app has no document of its own."""

from __future__ import annotations

import asyncio

import pytest
from serving import served

from neverblock.config import Config
from neverblock.endpoints.find import find
from neverblock.errors import UsageError
from neverblock.plan import Target


def found_of(app, trace_dir):
    """Serve an app under the probe and find its endpoints."""
    with served("asyncio", trace_dir, app) as running:
        url = f"http://127.0.0.1:{running.port}"
        return asyncio.run(find(url, Config(), Target(app), probed=True))


def test_routes_without_a_document_are_told_as_what_can_be_named(tmp_path):
    """Whoever has to name endpoints sees which there are, the plainest first."""
    with pytest.raises(UsageError) as error:
        found_of("routes_app:silent", tmp_path)
    assert error.value.hint.endswith("Some: GET /page, GET /things/{thing}.")


def test_a_document_at_openapi_is_found(tmp_path):
    """The APIs of the Open Geospatial Consortium show it there."""
    found = found_of("routes_app:telling", tmp_path)
    assert [subject.endpoint.name for subject in found.subjects] == ["GET /page"]
