"""The user's own function that logs in before the first request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from harness.additions import Additions


async def run_setup(import_string: str, client: httpx.AsyncClient, app_dir: Path) -> Additions:
    """Call the hook with a client of the ready server, and give what it wants added.

    The hook may be async or not. Raises UsageError for what it returns, TargetError for what it
    raises, both with the hook's name.
    """
    raise NotImplementedError
