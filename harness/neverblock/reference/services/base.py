"""The interface of a service: where its servers are, how to start one, how to ask it."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from neverblock.reference.services import SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.reference.services.binaries import Source
    from neverblock.reference.services.instance import Instance

CONNECT_TIMEOUT_S = 5.0


class Service(Protocol):
    """One kind of server. ``hint`` says what to install where there is none."""

    hint: str
    demote: bool
    """Whether the server refuses to run as root."""

    def sources(self) -> Iterator[Source]:
        """Give what could be started, in the order to try."""

    async def start(self, source: Source, instance: Instance) -> str:
        """Start it as this instance and give its URL once it answers. Raises LaunchError."""

    async def ask(self, url: str) -> str:
        """Connect, and give the server's name and version. Raises ConnectionError."""


def create_service(name: str) -> Service:
    """Give the service of that name. Raises ModuleNotFoundError where its driver is missing."""
    module, _, attribute = SERVICES[name].partition(":")
    return cast("Service", getattr(import_module(module), attribute)())


def variable(name: str) -> str:
    """Give the environment variable that carries a service's URL."""
    return f"NEVERBLOCK_{name.upper()}_URL"


def masked(url: str) -> str:
    """Give a URL without its password, so that it can be shown; it need not be a valid URL."""
    return re.sub(r"://([^:/]*):.*@", r"://\1:***@", url)
