"""Call the project's login function, with a client of the server, and print what it returned.

It runs in the project's own environment, beside the server: what it imports is there. Its answer is
one line of JSON on standard output; what the function itself prints goes to standard error.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import sys
from datetime import date, datetime, time
from importlib import import_module
from typing import Any

from .die_with_parent import die_with

TIMEOUT_S = 30.0
"""How long one request of the function may take, in seconds."""


def main(parent: str, app_dir: str, import_string: str, base_url: str) -> None:
    """Call ``module:function`` of ``app_dir`` for the server at ``base_url``; see the module."""
    die_with(int(parent))
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.path.insert(0, app_dir)
    with answer:
        json.dump(_told(import_string, base_url), answer)


def _told(import_string: str, base_url: str) -> dict[str, Any]:
    """Give what is to be told: what went wrong at which step, or what was returned."""
    module, _, attribute = import_string.partition(":")
    try:
        hook = getattr(import_module(module), attribute)
    except AttributeError as error:
        return {"missing": f"{error}", "module": module}
    except Exception as error:  # noqa: BLE001 - the module's own code may raise anything
        return {"unimportable": f"{error}"}
    if not callable(hook):
        return {"no_function": type(hook).__name__}
    try:
        returned = asyncio.run(_called(hook, base_url))
    except Exception as error:  # noqa: BLE001 - the same
        return {"raised": f"{type(error).__name__}: {error}"}
    try:
        return {"returned": json.loads(json.dumps(returned, default=_plain))}
    except (TypeError, ValueError) as error:
        return {"unusable": f"{error}"}


async def _called(hook: Any, base_url: str) -> Any:
    import httpx  # noqa: PLC0415 - the project's own, and after that ours

    async with httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S, trust_env=False) as client:
        returned = hook(client)
        return await returned if inspect.isawaitable(returned) else returned


def _plain(value: Any) -> str:
    """Give a date as text. Raises TypeError for what JSON has no form for."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(f"a value of the type {type(value).__name__}")
