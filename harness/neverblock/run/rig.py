"""What a run measures with: the engines, and the null app for the floor and the control."""

from __future__ import annotations

import os
import shutil
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from neverblock.errors import ControlError, UsageError
from neverblock.load import create_engine
from neverblock.observe.machine import allow_open_files
from neverblock.observe.window import Observer
from neverblock.probe.config import CANARY_PATH, PROBED_APP, ProbeConfig
from neverblock.probe.tier import PORTABLE, TIER_VARIABLE
from neverblock.run.control import run_control
from neverblock.run.floors import Floors
from neverblock.target import null_app
from neverblock.target.along import ALONG
from neverblock.target.interpreter import own_interpreter
from neverblock.target.scratch import scratch_folder
from neverblock.target.server import Server, ServerSpec, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from neverblock.load import Engine
    from neverblock.plan import Interpreter
    from neverblock.run.log import Log

NULL_APP = "null_app:app"


@dataclass(frozen=True, slots=True)
class Rig:
    """The engines by name, the null app's server, the folder of the traces, and the floors."""

    engines: Mapping[str, Engine]
    null: Server
    traces: Path
    floors: Floors = field(default_factory=Floors)


def nothing(_: Path) -> Sequence[Server]:
    """Start no server beside the null app's."""
    return ()


@asynccontextmanager
async def set_up(
    engines: Iterable[str],
    loop: str,
    log: Log,
    beside: Callable[[Path], Sequence[Server]] = nothing,
    python: Interpreter | None = None,
) -> AsyncIterator[Rig]:
    """Start the engines and the null server, of the target's event loop and Python (or our own).

    ``beside`` takes the folder for all traces and makes further servers, which start at the same
    time. Whatever was started is stopped on leaving. Raises NeverblockError where something does
    not start.
    """
    if (asked := os.environ.get(TIER_VARIABLE)) not in {None, "", PORTABLE}:
        raise UsageError(
            f"{TIER_VARIABLE}={asked!r} names no tier that can be asked for.",
            f"Set it to {PORTABLE!r}, or unset it to have the best that this system allows.",
        )
    allow_open_files()
    async with AsyncExitStack() as stack:
        traces = stack.enter_context(scratch_folder())
        with log.phase("engines and servers"):
            started = {
                name: await stack.enter_async_context(create_engine(name))
                for name in sorted({"gather", *engines})
            }
            null = null_server(traces / "null", loop, python or own_interpreter())
            servers = [null, *beside(traces)]
            await stack.enter_async_context(serving(servers, lambda _: None))
        yield Rig(started, null, traces)


async def control(rig: Rig, log: Log) -> None:
    """Run the positive control and note it in the run, with the probe's tier.

    Nothing else should compute meanwhile. Raises ControlError where the probe did not see its block
    at its line: no verdict would count.
    """
    with log.phase("positive control"):
        observer = Observer(rig.null, rig.traces / "null", CANARY_PATH)
        seen = await run_control(observer, rig.engines["gather"])
        log.run = replace(log.run, control=seen)
        log.note_probe(observer)
        if not seen.seen:
            log.publish()
            raise ControlError(
                "The probe failed its positive control, so that no verdict would count: "
                f"{seen.complaint}.",
                "Try again on a quieter machine; or check a running server from outside: "
                "neverblock check http://127.0.0.1:8000 --canary /health.",
            )


def null_server(trace_dir: Path, loop: str, python: Interpreter) -> Server:
    """Give the server of the null app, which is served and probed as any target is.

    Its one file is copied into a folder of its own, beside ``trace_dir``.
    """
    along = trace_dir.parent / ALONG
    folder = along / "null_app"
    folder.mkdir(parents=True)
    shutil.copy2(null_app.__file__, folder)
    trace_dir.mkdir()
    config = ProbeConfig(
        NULL_APP, str(trace_dir), app_dir=str(folder), project_roots=(str(folder),)
    )
    return Server(
        ServerSpec(
            "the null app",
            PROBED_APP,
            CANARY_PATH,
            python,
            along,
            env=config.to_env(),
            loop=loop,
        )
    )
