"""The user's own function that logs in before the first request, called in the app's Python."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from neverblock.config.complaints import complaint_of
from neverblock.config.table import AdditionsTable
from neverblock.errors import TargetError, UsageError
from neverblock.target.along import run_along
from neverblock.target.interpreter import own_interpreter

if TYPE_CHECKING:
    from neverblock.config.request_values import Additions
    from neverblock.plan import Target


async def run_setup(import_string: str, base_url: str, target: Target) -> Additions:
    """Call the hook with a client of the ready server, and give what it wants added.

    The hook may be async or not; one that returns nothing adds nothing. It runs in the Python that
    serves the app, in a process of its own. Raises UsageError for what it returns, TargetError for
    what it raises, both with the hook's name.
    """
    if not all(import_string.partition(":")):
        raise UsageError(
            f"{import_string!r} is not an import string.", "Write it as package.module:attribute."
        )
    match await _answer(import_string, base_url, target):
        case {"returned": returned}:
            return _read(returned, import_string)
        case {"unusable": why}:
            raise _unusable(import_string, why)
        case {"raised": error}:
            raise TargetError(
                f"setup = {import_string!r} raised {error}",
                "It is called with an httpx.AsyncClient of the ready server; call it by hand.",
            )
        case {"no_function": kind}:
            raise UsageError(
                f"setup = {import_string!r} is not a function but {kind}.",
                "Write it as: async def login(client): ...",
            )
        case {"missing": why, "module": module}:
            raise TargetError(
                f"{import_string} cannot be imported: {why}.", f"What does {module} define?"
            )
        case other:
            raise TargetError(
                f"{import_string} cannot be imported: {other.get('unimportable')}.",
                "Start neverblock in the project's folder, or name it with --app-dir.",
            )


async def _answer(import_string: str, base_url: str, target: Target) -> dict[str, Any]:
    """Run the hook and give what it says of itself. Raises TargetError where it says nothing."""
    python = target.python or own_interpreter()
    arguments = (str(os.getpid()), str(target.app_dir.resolve()), import_string, base_url)
    with tempfile.TemporaryDirectory(prefix="neverblock-") as folder:
        command = run_along(python, Path(folder), "setup_hook", "httpx", *arguments)
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **target.env},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            said, complaint = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    if not said:
        last = (complaint.decode(errors="replace").strip().splitlines() or ["no word"])[-1]
        raise TargetError(
            f"setup = {import_string!r} ended with exit code {process.returncode}: {last}",
            "It is called with an httpx.AsyncClient of the ready server; call it by hand.",
        )
    answer: dict[str, Any] = json.loads(said)
    return answer


def _read(returned: Any, import_string: str) -> Additions:
    """Read what a hook returned. Raises UsageError."""
    try:
        return AdditionsTable.model_validate(returned or {}).additions()
    except ValidationError as error:
        # Values are secrets: only the places are shown.
        wrong = "; ".join(
            complaint_of(one, AdditionsTable, with_values=False) for one in error.errors()
        )
        raise _unusable(import_string, wrong) from error


def _unusable(import_string: str, wrong: str) -> UsageError:
    return UsageError(
        f"setup = {import_string!r} returned what cannot be used: {wrong}.",
        'It returns a mapping such as {"headers": {"authorization": "Bearer ..."}}.',
    )
