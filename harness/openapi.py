"""From an app's OpenAPI document to the requests that check it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.config import Config
    from harness.model import Endpoint
    from harness.plan import Subject
    from harness.result import Unchecked

WELL_KNOWN_PATHS = ("/openapi.json", "/schema/openapi.json", "/api/openapi.json", "/api/schema")
"""Where apps show their document: FastAPI, Litestar, Django Ninja, drf-spectacular."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What can be checked, and what cannot, with the reason and the lines that would mend it."""

    subjects: tuple[Subject, ...]
    unchecked: tuple[Unchecked, ...]


def discover(document: Mapping[str, Any] | None, config: Config) -> Discovered:
    """Find every endpoint that can be asked, and build its request.

    ``document`` is the app's own, or None where it has none: then what the configuration names
    is all there is. Raises UsageError for a document that is none.
    """
    raise NotImplementedError


def declared_statuses(document: Mapping[str, Any] | None, endpoint: Endpoint) -> frozenset[int]:
    """Give the statuses that the document names for an endpoint; empty where it names none."""
    raise NotImplementedError
