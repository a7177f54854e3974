"""The way to a blamed call, of which the frames that explain are kept and the rest is counted."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.measurement import Frame
    from neverblock.result import Blame

FEW = 2
"""Up to n frames of others' are shown as they are: folding one would take a line too."""


SERVING = {"framework", "probe", "stdlib"}
"""Who serves a request: the framework, on asyncio, under the probe."""


def call_path(blame: Blame) -> list[str]:
    """Give the way to the call, a line for each step, outermost first.

    Kept are the project's frames, the frame just below each (what it called), and the innermost;
    the others are folded, with their number, or left out where they are only how the framework
    serves any request.
    """
    frames = list(reversed(blame.path))
    steps: list[str] = []
    for kept, run in groupby(enumerate(frames), key=lambda each: _explains(each[0], frames)):
        shown = [frame for _, frame in run]
        lines = [f"{frame.file}:{frame.line} {frame.function}" for frame in shown]
        if not kept and len(lines) > FEW:
            lines = [] if _serves(shown) else [f"... {len(lines)} more ..."]
        steps += _counted(lines)
    if frames and frames[-1].owner == "project" and blame.target:
        steps.append(blame.target)
    return steps


def _serves(frames: list[Frame]) -> bool:
    """Say whether frames are the framework's, with what it runs on, and nobody else's."""
    owners = {frame.owner for frame in frames}
    return "framework" in owners and owners <= SERVING


def _explains(at: int, frames: list[Frame]) -> bool:
    """Say whether a frame is the project's, the entry into what it calls, or the innermost."""
    called_by_project = at > 0 and frames[at - 1].owner == "project"
    return frames[at].owner == "project" or called_by_project or at == len(frames) - 1


def _counted(lines: list[str]) -> Iterator[str]:
    """Yield each line once, with how many times it stands there in a row."""
    for line, again in groupby(lines):
        times = len(list(again))
        yield f"{line} ({times} times)" if times > 1 else line
