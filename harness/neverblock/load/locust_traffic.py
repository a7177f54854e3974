"""Stock Locust, as its own command line runs it, with the requests of its users written down.

``python -m neverblock.load.locust_traffic ORDER OPTIONS ...``: the options are Locust's, the order
is JSON: ``file`` for the records, ``header`` by which an answer says who served it, ``rate_per_s``
at which tasks begin, None where users decide, ``burst`` where each asks once, with all others, some
of them ``alone`` before, ``every`` where single requests are kept however many there are, and
``whole_s`` where each is kept whole, with its deadline. The file gets JSON lines, on the machine's
monotonic clock: what is run, then every quarter of a second the requests since the last time and
how the generator fares. A worker sends them to its master, which writes them down. It ends when
Locust does.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any

import locust  # before all that it monkey-patches

# isort: split
import gevent
import locust.main
from locust.runners import MasterRunner, WorkerRunner

from neverblock.load.locust_lag import next_lag_s
from neverblock.load.locust_lines import Lines
from neverblock.load.locust_master import Collector
from neverblock.load.locust_pacing import Pacing
from neverblock.load.locust_recorder import SAMPLE, Recorder
from neverblock.load.locust_worker import Courier, digest_of
from neverblock.load.release import Release
from neverblock.load.spawning import spawn_rate

if TYPE_CHECKING:
    from locust.env import Environment

    from neverblock.load.locust_pacing import Pace

HERE = ""
"""The name of the one process that makes a load."""


class Alone:
    """One process that makes the load and writes it down."""

    def __init__(
        self, environment: Environment, recorder: Recorder, lines: Lines, release: Release | None
    ) -> None:
        """Take what keeps the requests, where they are written, and what releases a burst."""
        self._environment = environment
        self._recorder = recorder
        self._lines = lines
        self._release = release

    def begin(self) -> None:
        """Write down what is run, and go on writing while it runs."""
        self._lines.say(begun(self._environment))
        locust.events.quit.add_listener(self._end)
        gevent.spawn(self._write_on)

    def _write_on(self) -> None:
        while True:
            self._flush(next_lag_s())

    def _flush(self, max_lag_s: float = 0.0) -> None:
        runner = self._environment.runner
        users = 0 if runner is None else runner.user_count
        message = self._recorder.take(max_lag_s, users)
        self._lines.say(message)
        pace = self._recorder.pacing.pace
        if self._release is not None and pace is not None:
            self._lead(self._release, pace, message["pace"])

    def _lead(self, release: Release, pace: Pace, told: dict[str, Any]) -> None:
        release.take(HERE, told)
        release.step({HERE})
        pace.heed(release.order(HERE, 0.0))
        runner = self._environment.runner
        if release.over({HERE}) and runner is not None:
            gevent.spawn(runner.quit)

    def _end(self, **_: Any) -> None:
        self._flush()
        self._lines.say({"kind": "ended", "at_s": time.monotonic()})


def begun(environment: Environment) -> dict[str, Any]:
    """Give the first line of the file: what is run, and since when."""
    options = environment.parsed_options
    return {
        "kind": "begun",
        "at_s": time.monotonic(),
        "run_time_s": getattr(options, "run_time", None) or None,
        "users": getattr(options, "num_users", None),
        "locustfile": digest_of(environment),
    }


def hasten(environment: Environment) -> None:
    """Let all users start soon, where neither an option nor a load shape says how fast."""
    options = environment.parsed_options
    if options is None or options.spawn_rate is not None or environment.shape_class:
        return
    if options.num_users:
        options.spawn_rate = spawn_rate(options.num_users, options.run_time)


def begin(order: dict[str, Any], recorder: Recorder, environment: Environment, **_: Any) -> None:
    """Begin to write down, as the one process, the master or a worker that this is."""
    runner = environment.runner
    hasten(environment)
    recorder.pacing.hold(environment)
    # what is loaded by now stays: without it a collection takes half as long
    gc.freeze()
    if isinstance(runner, WorkerRunner):
        Courier(environment, recorder).begin()
        return
    lines = Lines(Path(order["file"]), environment)
    told = lambda at_s: lines.say({"kind": "burst", "at_s": at_s})  # noqa: E731 - one line
    release = Release(told, alone=order["alone"]) if order["burst"] else None
    if isinstance(runner, MasterRunner):
        workers = Lines(Path(order["file"]).with_suffix(".workers"), environment)
        collector = Collector(environment, lines, workers, order["rate_per_s"], release)
        collector.begin(begun(environment))
    else:
        recorder.pacing.choose(environment, order)
        Alone(environment, recorder, lines, release).begin()


def main(arguments: list[str]) -> None:
    """Run Locust by its own command line, by the order that stands first."""
    order, options = json.loads(arguments[0]), arguments[1:]
    most = inf if order.get("every") else SAMPLE
    recorder = Recorder(order["header"], Pacing(), most, order.get("whole_s"))
    locust.events.init.add_listener(partial(begin, order, recorder))
    locust.events.request.add_listener(recorder.keep)
    sys.argv = ["locust", *options]
    locust.main.main()


if __name__ == "__main__":
    main(sys.argv[1:])
