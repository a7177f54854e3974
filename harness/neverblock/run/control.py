"""The positive control: a block of known length at a known line, which the probe must see."""

from __future__ import annotations

import asyncio
from pathlib import PurePath
from typing import TYPE_CHECKING

from neverblock.analysis.blame import blame
from neverblock.analysis.stalls import waiting_s
from neverblock.model import Diagnosis, Request, Scenario
from neverblock.result import Control
from neverblock.target import null_app

if TYPE_CHECKING:
    from neverblock.load import Engine
    from neverblock.measurement import LoopTrace
    from neverblock.observe.window import Observer

SHORTEST, LONGEST = 0.8, 1.5
"""The probe must see this share of the block, and no more: a busy machine prolongs a sleep."""

ATTEMPTS = 3
"""A machine that stalls during the control gets another try; a broken probe never passes."""


async def run_control(observer: Observer, engine: Engine) -> Control:
    """Block the null app's loop, and give what the probe saw of it."""
    control = None
    for _ in range(ATTEMPTS):
        async with observer.window() as window:
            await engine.fire(
                observer.server.base_url,
                Request("GET", null_app.CONTROL_PATH),
                Scenario(name="control", title="Positive control", engine="gather", n=1),
                timeout_s=10.0,
                canary_path=observer.canary_path,
            )
        control = judge_control(window.observed.trace)
        if control.seen:
            return control
        await asyncio.sleep(null_app.CONTROL_BLOCK_S)
    assert control is not None  # noqa: S101 - there was at least one attempt
    return control


def judge_control(trace: LoopTrace | None) -> Control:
    """Compare what the probe saw with the block: its length and its line must be right."""
    assert trace is not None  # noqa: S101 - the null app is always probed
    block_s = null_app.CONTROL_BLOCK_S
    line = f"null_app.py:{null_app.CONTROL_LINE}"
    seen_s = max(map(waiting_s, trace.stalls), default=0.0)
    places = blame(trace.stalls, Diagnosis.BLOCKING_IO, requests=1)
    seen_line = f"{PurePath(places[0].file).name}:{places[0].line}" if places else None
    complaint = None
    if not trace.armed:
        complaint = f"the probe did not arm ({trace.complaint or 'it never reported'})"
    elif not SHORTEST * block_s <= seen_s <= LONGEST * block_s:
        complaint = f"it saw {seen_s * 1000:.0f} ms of a block of {block_s * 1000:.0f} ms"
    elif seen_line != line:
        complaint = f"it blamed {seen_line}, the block is at {line}"
    return Control(complaint is None, block_s, seen_s, line, seen_line, complaint)
