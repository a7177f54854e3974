"""What the environment tells the app: the scale of its waits, the pairs to serve, the services."""

from __future__ import annotations

import os
from math import isfinite

from neverblock.errors import ServiceError, TargetError

SERVICES = ("postgres", "mysql", "redis", "upstream")

POOL_OPEN = 20
"""Connections a pool opens beforehand, so that a burst does not pay for connecting."""

POOL_LIMIT = 50
"""Connections a pool may open; two pools of it fit into Postgres's default of 100."""

PATIENCE_S = 60.0
"""How long a client waits for its service: far above any own time, yet finite."""


def scale() -> float:
    """Give the factor on every wait, from NEVERBLOCK_SCALE (1 by default).

    Raises TargetError for anything but a positive number.
    """
    text = os.environ.get("NEVERBLOCK_SCALE", "1")
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not (isfinite(value) and value > 0):
        raise TargetError(
            f"NEVERBLOCK_SCALE is {text!r}, which is no positive number.",
            "Set it to 1 (waits of one second) or, for a quick run, to 0.2.",
        )
    return value


def own_time_s() -> float:
    """Give how long the work of a waiting pair takes: one second, times the scale."""
    return 1.0 * scale()


def chosen_pairs() -> tuple[str, ...] | None:
    """Give the pairs named by NEVERBLOCK_PAIRS (``sleep,hash``), or None for all of them."""
    names = [name.strip() for name in os.environ.get("NEVERBLOCK_PAIRS", "").split(",")]
    return tuple(name for name in names if name) or None


def variable(service: str) -> str:
    """Give the name of the environment variable that holds the URL of a service."""
    return f"NEVERBLOCK_{service.upper()}_URL"


def has_service(service: str) -> bool:
    """Tell whether the environment names that service."""
    return bool(os.environ.get(variable(service)))


def service_url(service: str) -> str:
    """Give the URL of a service. Raises ServiceError where the environment does not name it."""
    if not has_service(service):
        raise ServiceError(
            f"The reference app needs {service}, and {variable(service)} is not set.",
            f"Set {variable(service)}, or let `neverblock run` start the service for you.",
        )
    return os.environ[variable(service)]
