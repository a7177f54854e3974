"""What every service is to the host: where to find it, how to start it, how to ask it."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from neverblock.reference.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.reference.services.binaries import Source
    from neverblock.reference.services.instance import Home

CONNECT_TIMEOUT_S = 5.0


class Service(Protocol):
    """One kind of server. ``hint`` says what to install where there is none."""

    hint: str
    demote: bool
    """Whether the server refuses to run as root."""

    def sources(self) -> Iterator[Source]:
        """Give what could be started, the best first."""

    async def start(self, source: Source, home: Home) -> str:
        """Start it in its home and give its URL once it answers. Raises LaunchError."""

    async def ask(self, url: str) -> str:
        """Connect, and give name and version as the server tells them. Raises ConnectionError."""


def create_service(name: str) -> Service:
    """Give the service of that name. Raises ModuleNotFoundError where its driver is missing."""
    module, _, attribute = SERVICES[name].partition(":")
    return cast("Service", getattr(import_module(module), attribute)())


def variable(name: str) -> str:
    """Give the environment variable that carries a service's URL."""
    return f"NEVERBLOCK_{name.upper()}_URL"


def masked(url: str) -> str:
    """Give the URL as it may be shown, without its password, even if it is no proper URL."""
    return re.sub(r"://([^:/]*):.*@", r"://\1:***@", url)
