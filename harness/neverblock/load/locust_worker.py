"""A Locust worker's side: what its users did goes to the master, again until it is acknowledged.

Imported in a Locust process only.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import locust

# isort: split
import gevent
from locust.exception import RPCError
from locust.runners import WorkerRunner

from neverblock.load.locust_lag import next_lag_s

if TYPE_CHECKING:
    from locust.env import Environment
    from locust.rpc import Message

    from neverblock.load.locust_recorder import Recorder

AGAIN_S = 2.0
"""After so long without an acknowledgement a message is sent again, in seconds."""

LAST_S = 3.0
"""How long a worker that has ended waits for the acknowledgement of its last messages."""

HELLO, WELCOME, REFUSED = "neverblock_hello", "neverblock_welcome", "neverblock_refused"
BATCH, ACK = "neverblock_batch", "neverblock_ack"
PING, PONG = "neverblock_ping", "neverblock_pong"

USAGE, NOT_SENT = 2, 3
"""The exit codes of a worker that was refused, and of one that could not send its last requests."""


def about(environment: Environment) -> dict[str, str]:
    """Give what has to be the same in master and worker: neverblock, and the locustfile."""
    return {"neverblock": version("neverblock"), "locustfile": digest_of(environment)}


def digest_of(environment: Environment) -> str:
    """Give a digest of the text of the locustfiles, whatever ends their lines."""
    files = sorted(environment.parsed_locustfiles or [], key=os.path.basename)
    text = b"\0".join(Path(file).read_bytes() for file in files if Path(file).is_file())
    return hashlib.sha256(text.replace(b"\r\n", b"\n")).hexdigest()[:16]


class Courier:
    """Sends home what a recorder kept, and answers what asks for this machine's clock."""

    def __init__(self, environment: Environment, recorder: Recorder) -> None:
        """Take the worker's environment, and what keeps its requests."""
        runner = environment.runner
        assert isinstance(runner, WorkerRunner)  # noqa: S101 - for the type checker
        self._runner = runner
        self._environment = environment
        self._recorder = recorder
        self._welcome = False
        self._number = 0
        self._unacknowledged: dict[int, tuple[float, dict[str, Any]]] = {}
        self._listener: gevent.Greenlet | None = None

    def begin(self) -> None:
        """Say who this is, and go on sending."""
        runner = self._runner
        runner.register_message(WELCOME, self._welcomed)
        runner.register_message(REFUSED, self._refused)
        runner.register_message(ACK, self._acknowledged)
        runner.register_message(PING, self._ping)
        locust.events.test_stop.add_listener(self._end)
        gevent.spawn(self._send_on)

    def _send_on(self) -> None:
        while True:
            if not self._welcome:
                self._send(HELLO, about(self._environment))
            self._post(next_lag_s())
            self._send_again()

    def _post(self, max_lag_s: float, *, ended: bool = False) -> None:
        batch = self._recorder.take(max_lag_s, self._runner.user_count)
        self._number += 1
        batch |= {"number": self._number, "ended": ended}
        self._unacknowledged[self._number] = time.monotonic(), batch
        self._send(BATCH, batch)

    def _send_again(self) -> None:
        now_s = time.monotonic()
        for number, (sent_s, batch) in list(self._unacknowledged.items()):
            if now_s - sent_s > AGAIN_S:
                self._unacknowledged[number] = now_s, batch
                self._send(BATCH, batch)

    def _send(self, kind: str, data: dict[str, Any]) -> None:
        try:
            self._runner.send_message(kind, data)
        except RPCError:
            return  # Locust connects anew, and what is not acknowledged is sent again

    def _ping(self, msg: Message, **_: Any) -> None:
        self._send(PONG, {"sent_s": msg.data["sent_s"], "there_s": time.monotonic()})

    def _acknowledged(self, msg: Message, **_: Any) -> None:
        self._unacknowledged.pop(msg.data["number"], None)
        if (pace := self._recorder.pacing.pace) is not None:
            pace.heed(msg.data["order"])

    def _welcomed(self, msg: Message, **_: Any) -> None:
        if not self._welcome:
            self._recorder.pacing.choose(self._environment, msg.data)
        self._welcome = True
        self._listener = gevent.getcurrent()

    def _refused(self, msg: Message, **_: Any) -> None:
        sys.stderr.write(f"Error: {msg.data['why']}\n")
        sys.stderr.flush()
        os._exit(USAGE)

    def _end(self, **_: Any) -> None:
        """Send what is left when all users are gone, and wait until it has come home.

        Locust ends a worker in the greenlet that hears its master, so that it listens from here.
        """
        self._post(0.0, ended=True)
        until_s = time.monotonic() + LAST_S
        while self._unacknowledged and time.monotonic() < until_s:
            if gevent.getcurrent() is not self._listener:
                gevent.sleep(0.05)
                continue
            with gevent.Timeout(0.1, False):
                message = self._runner.client.recv()
                if message.type == ACK:
                    self._acknowledged(message)
            self._send_again()
        if self._unacknowledged:
            self._environment.process_exit_code = NOT_SENT
