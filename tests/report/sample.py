"""Makes the committed sample of a run: ``python tests/render/sample.py FOLDER``.

The sample is a real run, made small: instants to the microsecond, and of each sampled stack the one
frame that says whose code it is. No figure and no verdict is touched.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from neverblock.report.html import render
from neverblock.storage import run_file

SAMPLE = Path(__file__).parents[2] / "reports" / "sample"


def trimmed(run):
    """Give the run with short stacks, and without the paths of the machine it was made on."""
    return replace(run, results=tuple(_short_stacks(result) for result in run.results))


def _short_stacks(result):
    if result.scenario.locustfile is not None:
        where = "/".join(Path(result.scenario.locustfile).parts[-2:])
        result = replace(result, scenario=replace(result.scenario, locustfile=where))
    measurement = result.measurement
    if measurement is None or measurement.loop is None:
        return result
    stalls = tuple(
        replace(stall, stacks=tuple(map(_short, stall.stacks)), culprit=None)
        for stall in measurement.loop.stalls
    )
    loop = replace(measurement.loop, stalls=stalls)
    return replace(result, measurement=replace(measurement, loop=loop))


def _short(stack):
    """Keep the one frame that says whose code it is, without the path of a machine."""
    telling = [f for f in stack.frames if f.owner == "project" or f.function == "Thread.start"]
    return replace(
        stack,
        frames=tuple(
            replace(frame, file="/".join(Path(frame.file).parts[-2:]))
            for frame in (telling or stack.frames)[:1]
        ),
    )


def _rounded(value):
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return value


def main(folder):
    """Write the sample's run and its page."""
    run = run_file.from_json(_rounded(run_file.to_json(trimmed(run_file.load(Path(folder))))))
    SAMPLE.mkdir(parents=True, exist_ok=True)
    text = json.dumps(run_file.to_json(run), ensure_ascii=False, separators=(",", ":"))
    (SAMPLE / run_file.RUN_FILE).write_text(text + "\n", encoding="utf-8")
    (SAMPLE / "index.html").write_text(render(run), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
