"""Two states of an app measured in one job, their rounds interleaved, so that they compare.

Between two jobs of a hosted runner everything may differ by more than twice; between two rounds
that follow each other on one machine, little does.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from neverblock.errors import NeverblockError
from neverblock.run.check import run_check
from neverblock.target.server import side_by_side

if TYPE_CHECKING:
    from neverblock.result import Run
    from neverblock.run.log import Watcher
    from neverblock.run.order import Order


async def run_interleaved(
    base: tuple[Order, Watcher], head: tuple[Order, Watcher]
) -> tuple[Run, Run]:
    """Check both, each order with its watcher, and give both runs, the base's first.

    Only one of them fires at any time: its set-up, its series of single requests, or one round.
    Both are partial where they were interrupted. Raises NeverblockError where one of them cannot be
    measured at all.
    """
    turn = asyncio.Lock()  # first come, first served: two that wait for it alternate
    runs: dict[bool, Run] = {}

    async def check(order: Order, watcher: Watcher, *, is_base: bool) -> None:
        try:
            runs[is_base] = await run_check(order, watcher, turn)
        except NeverblockError as error:
            side = "base" if is_base else "head"
            raise type(error)(f"The {side}: {error.what}", error.hint) from error

    try:
        await side_by_side([check(*base, is_base=True), check(*head, is_base=False)])
    except asyncio.CancelledError:
        if len(runs) < 2:  # noqa: PLR2004 - both
            raise
    return runs[True], runs[False]
