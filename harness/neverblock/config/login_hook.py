"""The user's own function that logs in before the first request."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from neverblock.config.complaints import complaint_of
from neverblock.config.import_string import load
from neverblock.config.table import AdditionsTable
from neverblock.errors import TargetError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from neverblock.config.request_values import Additions


async def run_setup(import_string: str, client: httpx.AsyncClient, app_dir: Path) -> Additions:
    """Call the hook with a client of the ready server, and give what it wants added.

    The hook may be async or not; one that returns nothing adds nothing. Raises UsageError for
    what it returns, TargetError for what it raises, both with the hook's name.
    """
    hook = load(import_string, app_dir)
    if not callable(hook):
        raise UsageError(
            f"setup = {import_string!r} is not a function but {type(hook).__name__}.",
            "Write it as: async def login(client): ...",
        )
    try:
        returned = hook(client)
        if inspect.isawaitable(returned):
            returned = await returned
    except Exception as error:
        raise TargetError(
            f"setup = {import_string!r} raised {type(error).__name__}: {error}",
            "It is called with an httpx.AsyncClient of the ready server; call it by hand.",
        ) from error
    return _read(returned, import_string)


def _read(returned: Any, import_string: str) -> Additions:
    """Read what a hook returned. Raises UsageError."""
    try:
        return AdditionsTable.model_validate(returned or {}).additions()
    except ValidationError as error:
        # Values are secrets: only the places are shown.
        wrong = "; ".join(
            complaint_of(one, AdditionsTable, with_values=False) for one in error.errors()
        )
        raise UsageError(
            f"setup = {import_string!r} returned what cannot be used: {wrong}.",
            'It returns a mapping such as {"headers": {"authorization": "Bearer ..."}}.',
        ) from error
