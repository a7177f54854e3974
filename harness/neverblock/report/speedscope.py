"""What held the loop, for https://www.speedscope.app: a profile of the run, and one a result.

The format is "Importing from custom sources" in speedscope's wiki, sampled profiles.
"""

from __future__ import annotations

from math import fsum
from typing import TYPE_CHECKING, Any

from neverblock.report.flame import folder_of, held, held_in_run
from neverblock.report.foreign import harmless_json
from neverblock.report.summary import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.report.flame import Sample, Step
    from neverblock.result import Run

SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def render(run: Run) -> str:
    """Give the file's JSON; the profile of a run in which nothing held the loop is empty."""
    frames: dict[Step, int] = {}
    profiles = [_profile("the whole run", held_in_run(run), frames)]
    for result in run.results:
        name = f"{result.endpoint.name}, {result.scenario.name}"
        profile = _profile(name, held(result, folder_of(run)), frames)
        profiles += [profile] if profile["samples"] else []
    saved = {
        "$schema": SCHEMA,
        "version": "0.0.1",
        "exporter": f"neverblock {run.tool_version}",
        "name": printable(f"{run.target}, {run.started_at}: what held the loop"),
        "activeProfileIndex": 0,
        "shared": {"frames": [_frame(step) for step in frames]},
        "profiles": profiles,
    }
    return harmless_json(saved) + "\n"


def _profile(name: str, samples: Iterable[Sample], frames: dict[Step, int]) -> dict[str, Any]:
    """Give a sampled profile; what it names is added to the frames that all profiles share."""
    listed = list(samples)
    stacks = [[frames.setdefault(step, len(frames)) for step in each.steps] for each in listed]
    weights = [each.held_s for each in listed]
    return {
        "type": "sampled",
        "name": printable(name),
        "unit": "seconds",
        "startValue": 0,
        "endValue": fsum(weights),
        "samples": stacks,
        "weights": weights,
    }


def _frame(step: Step) -> dict[str, Any]:
    name = printable(step.name)
    return (
        {"name": name, "file": printable(step.file), "line": step.line}
        if step.file
        else {"name": name}
    )
