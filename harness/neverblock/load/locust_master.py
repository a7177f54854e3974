"""A Locust master's side: what its workers send is acknowledged, and written into one file.

Another file gets what happens to them, and the round trips that relate their clocks to this one.
Imported in a Locust process only.
"""

from __future__ import annotations

import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import locust

# isort: split
import gevent
from locust.runners import STATE_MISSING, STATE_RUNNING, MasterRunner

from neverblock.analysis.load.clocks import Clock, RoundTrip
from neverblock.analysis.load.generators import Told
from neverblock.load.locust_worker import (
    ACK,
    BATCH,
    HELLO,
    PING,
    PONG,
    REFUSED,
    WELCOME,
    about,
)

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.rpc import Message

    from neverblock.load.locust_lines import Lines
    from neverblock.load.release import Release

LOOK_S = 0.5
"""Between two looks at the workers, and two round trips to each."""

LAST_S = 5.0
"""How much longer than its users a worker may take to send its last requests, in seconds."""


class Collector:
    """Takes what the workers send, until all of them have ended or are lost."""

    def __init__(
        self,
        environment: Environment,
        lines: Lines,
        workers: Lines,
        rate_per_s: float | None,
        release: Release | None,
    ) -> None:
        """Take the master's environment, and the files for requests and for all else.

        ``rate_per_s`` is that of all workers together, None where users decide; ``release`` is what
        decides when a burst begins, None where there is none.
        """
        self._many = many = getattr(environment.parsed_options, "expect_workers", 1)
        burst = release is not None
        self._welcome = {"rate_per_s": rate_per_s and rate_per_s / many, "burst": burst}
        self._release = release
        self._trips: dict[str, list[RoundTrip]] = defaultdict(list)
        runner = environment.runner
        assert isinstance(runner, MasterRunner)  # noqa: S101 - for the type checker
        self._runner = runner
        self._environment = environment
        self._lines = lines
        self._workers = workers
        self._taken: dict[str, set[int]] = {}
        self._refused: set[str] = set()
        self._missing: set[str] = set()
        self._ended: set[str] = set()
        self._over = False

    def begin(self, first: dict[str, Any]) -> None:
        """Write the first line, with the port at which workers are expected, and listen."""
        self._about = about(self._environment)
        self._runner.register_message(HELLO, self._hello)
        self._runner.register_message(BATCH, self._batch)
        self._runner.register_message(PONG, self._pong)
        locust.events.test_stop.add_listener(self._end)
        locust.events.quit.add_listener(self._write_end)
        self._lines.say(first | {"port": self._runner.server.port})
        gevent.spawn(self._watch)

    def _hello(self, msg: Message, **_: Any) -> None:
        worker = msg.node_id
        if worker in self._taken:
            self._runner.send_message(WELCOME, self._welcome, worker)
            return
        if (why := _differs(self._about, msg.data)) is not None:
            self._refuse(worker, why)
            return
        self._taken[worker] = set()
        self._tell(worker, Told.CAME)
        self._runner.send_message(WELCOME, self._welcome, worker)

    def _refuse(self, worker: str, why: str) -> None:
        if worker not in self._refused:
            self._refused.add(worker)
            self._tell(worker, Told.REFUSED, why)
        self._runner.clients.pop(worker, None)  # Locust does not count on it any more
        self._runner.send_message(REFUSED, {"why": why}, worker)

    def _batch(self, msg: Message, **_: Any) -> None:
        worker, batch = msg.node_id, msg.data
        taken = self._taken.get(worker)
        if taken is None:
            return
        if batch["number"] not in taken:
            taken.add(batch["number"])
            self._lines.say(batch | {"worker": worker, "received_s": time.monotonic()})
            if batch["ended"]:
                self._ended.add(worker)
                self._tell(worker, Told.ENDED)
            if self._release is not None:
                self._release.take(worker, batch["pace"])
        order = {} if self._release is None else self._ordered(self._release, worker)
        self._runner.send_message(ACK, {"number": batch["number"], "order": order}, worker)

    def _ordered(self, release: Release, worker: str) -> dict[str, Any]:
        """Give what a worker is to do next of a burst, by its own clock."""
        trips = self._trips[worker]
        offset = Clock(trips).at(trips[-1].there_s) if trips else None
        return release.order(worker, None if offset is None else offset.ahead_s)

    def _pong(self, msg: Message, **_: Any) -> None:
        received_s = time.monotonic()
        if msg.node_id in self._taken:
            trip = {"kind": "round_trip", "worker": msg.node_id, "received_s": received_s}
            self._workers.say(msg.data | trip)
            if self._release is not None:
                sent_s, there_s = msg.data["sent_s"], msg.data["there_s"]
                self._trips[msg.node_id].append(RoundTrip(sent_s, there_s, received_s))

    def _watch(self) -> None:
        while True:
            for worker in set(self._taken) - self._ended:
                self._look_at(worker)
                self._runner.send_message(PING, {"sent_s": time.monotonic()}, worker)
            if self._release is not None:
                self._lead(self._release)
            if self._over and not self._environment.web_ui:
                self._runner.quit()  # where all workers are lost, Locust waits for the run's time
                return
            gevent.sleep(LOOK_S)

    def _lead(self, release: Release) -> None:
        """Go on with a burst once all workers are there; end it after its last user."""
        there = set(self._taken) - self._missing
        if self._runner.state == STATE_RUNNING and len(self._taken) >= self._many:
            release.step(there)
        if release.over(there - self._ended):
            self._release = None
            gevent.spawn(self._runner.quit)

    def _look_at(self, worker: str) -> None:
        node = self._runner.clients.get(worker)
        gone = node is None or node.state == STATE_MISSING
        if gone and worker not in self._missing:
            self._missing.add(worker)
            self._tell(worker, Told.MISSING)
        elif not gone and worker in self._missing:
            self._missing.remove(worker)
            self._tell(worker, Told.BACK)

    def _end(self, **_: Any) -> None:
        """End the users of all workers, and wait for their last requests.

        Locust itself ends to listen half a second after it told them, whatever they are at.
        """
        self._runner.send_message("quit")
        until_s = time.monotonic() + self._environment.stop_timeout + LAST_S
        while set(self._taken) - self._ended - self._missing and time.monotonic() < until_s:
            gevent.sleep(0.05)
        self._over = True

    def _write_end(self, **_: Any) -> None:
        self._lines.say({"kind": "ended", "at_s": time.monotonic()})

    def _tell(self, worker: str, what: Told, why: str | None = None) -> None:
        event = {"kind": "event", "worker": worker, "what": what.value, "why": why}
        self._workers.say(event | {"at_s": time.monotonic()})


def _differs(master: dict[str, str], worker: dict[str, str]) -> str | None:
    """Say in what a worker differs from its master; None where it is the same."""
    ours, theirs = master["neverblock"], worker["neverblock"]
    if ours != theirs:
        return (
            f"A worker was refused: it is neverblock {theirs}, and the load is made by "
            f"neverblock {ours}. Install the same version on both."
        )
    if master["locustfile"] != worker["locustfile"]:
        return (
            "A worker was refused: its locustfile is another one than the master's. Leave -f out, "
            "and the master's is used."
        )
    return None
