"""An app's OpenAPI document: by the probe from inside its server, else from where apps show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from harness.errors import TargetError
from harness.openapi import WELL_KNOWN_PATHS
from harness.probe.config import OPENAPI_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

FETCH_TIMEOUT_S = 60.0
"""Making the document of a large app takes seconds."""


async def fetch_document(base_url: str, *, probed: bool) -> Mapping[str, Any] | None:
    """Give the document, or None where the app has none.

    Raises TargetError where the app cannot make its own, with its complaint.
    """
    paths = (OPENAPI_PATH, *WELL_KNOWN_PATHS) if probed else WELL_KNOWN_PATHS
    async with httpx.AsyncClient(
        base_url=base_url, timeout=FETCH_TIMEOUT_S, trust_env=False
    ) as client:
        for path in paths:
            try:
                response = await client.get(path)
            except httpx.HTTPError:
                continue
            if path == OPENAPI_PATH and response.is_server_error:
                raise TargetError(
                    f"The app cannot make its OpenAPI document: {response.text}",
                    "Mend that, or name the endpoints: -e 'GET /path'.",
                )
            if document := _document(response):
                return document
    return None


def _document(response: httpx.Response) -> Mapping[str, Any] | None:
    """Read an answer that is a document of OpenAPI; None for anything else."""
    if not response.is_success:
        return None
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("paths"), dict) else None
