"""An app's OpenAPI document: from the probe inside its server, else from the usual paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from neverblock.endpoints.openapi.discover import WELL_KNOWN_PATHS
from neverblock.errors import TargetError
from neverblock.probe.config import OPENAPI_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

FETCH_TIMEOUT_S = 60.0
"""Making the document of a large app takes seconds."""


@dataclass(frozen=True, slots=True)
class Document:
    """An OpenAPI document; ``inside`` where the probe asked the app object itself."""

    content: Mapping[str, Any]
    inside: bool


async def fetch_document(base_url: str, *, probed: bool) -> Document | None:
    """Give the document, or None where the app has none.

    One without paths counts only where there is no other. Raises TargetError where the app cannot
    make its own, with the app's message, and where nothing listens at the URL.
    """
    best = None
    async with httpx.AsyncClient(
        base_url=base_url,
        timeout=FETCH_TIMEOUT_S,
        trust_env=False,
        verify=base_url.startswith("https:"),  # reading all certificates takes 40 ms of CPU
    ) as client:
        for path in (OPENAPI_PATH, *WELL_KNOWN_PATHS) if probed else WELL_KNOWN_PATHS:
            try:
                response = await client.get(path)
            except httpx.HTTPError as error:
                if not probed and isinstance(error, httpx.ConnectError):
                    raise _unreachable(base_url, error) from error
                continue
            inside = path == OPENAPI_PATH
            if inside and response.is_server_error:
                raise TargetError(
                    f"The app cannot make its OpenAPI document: {response.text}",
                    "Fix that, or name the endpoints: -e 'GET /path'.",
                )
            if (content := _content(response)) is not None:
                best = best or Document(content, inside)
                if content["paths"]:
                    return Document(content, inside)
    return best


def _unreachable(url: str, error: BaseException) -> TargetError:
    """Say why no connection came about, by the innermost of the errors that say so."""
    cause: BaseException | None = error
    why = str(error)
    while cause is not None:
        why = "connection refused" if isinstance(cause, ConnectionRefusedError) else why
        cause = cause.__cause__ or cause.__context__
    port = httpx.URL(url).port or 80
    return TargetError(
        f"Nothing answers at {url}: {why}.",
        f"Start the app first, such as by `uvicorn main:app --port {port}`, or let neverblock "
        "serve it: neverblock check main:app",
    )


def _content(response: httpx.Response) -> dict[str, Any] | None:
    """Read an answer that is an OpenAPI document; None for anything else."""
    if not response.is_success:
        return None
    try:
        content = response.json()
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and isinstance(content.get("paths"), dict) else None
