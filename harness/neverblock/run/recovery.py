"""An endpoint that gave no answer: what its server did, and the server brought back after it."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from enum import Enum, auto
from typing import TYPE_CHECKING

import httpx

from neverblock.analysis.judge import erroring
from neverblock.analysis.unanswered import Ending, held_without_answer, hung
from neverblock.load.http_client import open_client

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.model import Record
    from neverblock.observe.window import Observer
    from neverblock.result import Criterion

PATIENCE_S = 5.0
"""How long a server may take to answer its canary again, in seconds: as the canary itself waits."""

POLL_S = 0.02


class State(Enum):
    """How a server is after a request that got no answer."""

    ANSWERS = auto()
    SILENT = auto()
    DIED = auto()


async def state_of(observer: Observer) -> State:
    """Ask for the canary until it is answered, the server has ended, or patience has."""
    server, give_up_s = observer.server, time.monotonic() + PATIENCE_S
    async with open_client(server.base_url) as client:
        while True:
            if not server.alive:
                return State.DIED
            observer.count_ping()
            with suppress(httpx.HTTPError, OSError):
                async with asyncio.timeout(give_up_s - time.monotonic()):
                    await client.get(observer.canary_path)
                return State.ANSWERS
            if time.monotonic() >= give_up_s:
                return State.SILENT
            await asyncio.sleep(POLL_S)


async def ending_of(
    observer: Observer, records: Sequence[Record], criterion: Criterion, who: str, log_since: int
) -> Ending | None:
    """Say what kept the answers to some requests: the end of the server, or what held its loop.

    ``who`` is the endpoint that was asked, ``log_since`` how much the server had printed before.
    None where the server is well and its loop was free: something else kept the answer. A server
    that answers nobody any more is ended.
    """
    unanswered = [record for record in records if is_unanswered(record)]
    if not unanswered:
        return None
    server = observer.server
    silent_from_s, used = time.monotonic(), server.usage()
    state = await state_of(observer)
    silent_s = time.monotonic() - silent_from_s
    if state is State.DIED:
        death = server.death(log_since)
        return Ending(
            erroring(f"{who} was asked when its server ended. {death.what}\n{death.hint}")
        )
    from_s = min(record.sent_s for record in records)
    waited_s = max(record.done_s - record.sent_s for record in unanswered)
    trace = observer.seen(from_s, time.monotonic())
    if trace and (held := held_without_answer(trace.stalls, criterion, waited_s, len(records))):
        return held
    if state is State.ANSWERS:
        return None
    now = server.usage()
    wanted_s = 0.0
    if used and now:
        wanted_s = now.cpu_since(used) + (now.starved_since(used) or 0.0)
    return hung(await server.abort(), criterion, waited_s, silent_s, wanted_s)


def is_unanswered(record: Record) -> bool:
    """Say whether not even the head of an answer came."""
    return record.error is not None and record.first_byte_s is None


async def needs_restart(observer: Observer) -> bool:
    """Say whether a server has ended, or answers nobody any more."""
    return await state_of(observer) is not State.ANSWERS
