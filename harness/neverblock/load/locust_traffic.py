"""Stock Locust, as its own command line runs it, with every request of its users written down.

``python -m neverblock.load.locust_traffic FILE HEADER OPTIONS ...``: the options are Locust's, the
header is the one by which an answer says who served it. The file gets JSON lines, on the machine's
monotonic clock: what is run, then every ``FLUSH_S`` the requests since the last time and how the
generator fares. It ends when Locust does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import locust  # before all that it monkey-patches

# isort: split
import gevent
import locust.main
from locust.exception import CatchResponseError
from locust.runners import LocalRunner

from neverblock.load.client_lag import LagMeter
from neverblock.load.failure_text import reason_of

if TYPE_CHECKING:
    from typing import TextIO

    from locust.env import Environment

FLUSH_S = 0.25
"""What is lost with a generator that is killed, in seconds."""

CLOCKS_APART_S = 0.005
"""How far the end of a request may seem to be in the future; more means that the wall clock was
set."""


class Recorder:
    """Writes down what Locust's events tell of each request."""

    def __init__(self, file: TextIO, header: str) -> None:
        """Take the file to write to, and the header of answers that is written down."""
        self._file = file
        self._header = header
        self._rows: list[tuple[Any, ...]] = []

    def begin(self, environment: Environment, **_: Any) -> None:
        """Write down what is run, and go on writing while it runs."""
        options = environment.parsed_options
        self._environment = environment
        if not isinstance(environment.runner, LocalRunner):
            sys.stderr.write(
                "Error: neverblock runs Locust as one process: no master, no worker.\n"
            )
            os._exit(2)
        self._say(
            {
                "kind": "begun",
                "at_s": time.monotonic(),
                "run_time_s": getattr(options, "run_time", None) or None,
                "users": getattr(options, "num_users", None),
            }
        )
        gevent.spawn(self._write_on)

    def keep(self, **request: Any) -> None:
        """Take one request; called by Locust as soon as it is over."""
        now_s = time.monotonic()
        took_s = (request.get("response_time") or 0.0) / 1000
        start_s, end_s = now_s - took_s, now_s
        if (at := request.get("start_time")) is not None:
            # code of the user's may stand between the answer and its event
            began_s = now_s - (time.time() - at)
            if began_s + took_s <= now_s + CLOCKS_APART_S:
                start_s, end_s = began_s, min(now_s, began_s + took_s)
        name = f"{request.get('request_type', '')} {request.get('name', '')}".strip()
        error = request.get("exception")
        response = request.get("response")
        headers = getattr(response, "headers", None) or {}
        why = None if error is None else _why(error, getattr(response, "status_code", None))
        self._rows.append((name, start_s, end_s, why, headers.get(self._header)))

    def end(self, **_: Any) -> None:
        """Write down what is left."""
        self._flush()

    def _write_on(self) -> None:
        while True:
            with LagMeter(lambda after_s, tick: gevent.spawn_later(after_s, tick).kill) as meter:
                gevent.sleep(FLUSH_S)
            self._flush(max_lag_s=meter.health.max_lag_s)

    def _flush(self, max_lag_s: float = 0.0) -> None:
        rows, self._rows = self._rows, []
        runner = self._environment.runner
        self._say(
            {
                "kind": "requests",
                "at_s": time.monotonic(),
                "users": 0 if runner is None else runner.user_count,
                "cpu_s": time.process_time(),
                "max_lag_s": max_lag_s,
                "rows": rows,
            }
        )

    def _say(self, message: dict[str, Any]) -> None:
        self._file.write(json.dumps(message, separators=(",", ":")) + "\n")
        self._file.flush()


def _why(error: BaseException | str, status: int | None) -> str:
    """Say why a request failed; Locust hands on an error, or the text that a user gave."""
    if not isinstance(error, BaseException) or isinstance(error, CatchResponseError):
        return str(error)
    if status is not None and status >= HTTPStatus.BAD_REQUEST:
        return f"answered {status}"
    return reason_of(error)


def main(arguments: list[str]) -> None:
    """Run Locust by its own command line, recording into the file that is named first."""
    file, header, *options = arguments
    with Path(file).open("w", encoding="utf-8") as records:
        recorder = Recorder(records, header)
        locust.events.init.add_listener(recorder.begin)
        locust.events.request.add_listener(recorder.keep)
        locust.events.quit.add_listener(recorder.end)
        sys.argv = ["locust", *options]
        locust.main.main()


if __name__ == "__main__":
    main(sys.argv[1:])
