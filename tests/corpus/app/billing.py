"""Helpers that hide what blocks."""

from __future__ import annotations

import contextlib
import time
import urllib.request
from typing import TYPE_CHECKING

import requests

from app.declared import WAIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


def invoice(url: str) -> str:
    """Write an invoice."""
    return f"the rate is {_exchange_rate(url)}"


def _exchange_rate(url: str) -> str:
    return requests.get(url).text  # blocks: two_helpers_deep


class Account:
    """An account at the bank."""

    def __init__(self, url: str) -> None:
        """Take the bank's address."""
        self._url = url

    @property
    def balance(self) -> str:
        """Ask the bank."""
        return urllib.request.urlopen(self._url).read().decode()  # blocks: property


class Ledger:
    """The books, opened when the object is made."""

    def __init__(self) -> None:
        """Open them slowly."""
        time.sleep(WAIT_S)  # blocks: constructor
        self.state = "open"


@contextlib.asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Begin and commit."""
    time.sleep(WAIT_S)  # blocks: context_manager
    yield
