"""Locust's side of the Locust engine: bursts in on standard input, records out, as JSON lines.

Run as ``python -m neverblock.load.locust_driver`` by the engine. It ends when its input does, or
by ``die_with_parent`` when the harness is killed. Each burst gets the locustfile afresh, with
events and an environment of its own, so that bursts at several servers may run beside each other.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import locust  # before all that it monkey-patches

# isort: split
import gevent
from gevent.fileobject import FileObject
from gevent.lock import RLock
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.event import Events
from locust.util.load_locustfile import load_locustfile

from neverblock.load.client_lag import LagMeter
from neverblock.load.gc_off import gc_off
from neverblock.load.locust_lag import call_later
from neverblock.load.locust_record import record_of, send_each_once

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable

GRACE_S = 5.0
"""How long after its deadlines a burst is ended, in seconds."""


def main() -> None:
    """Serve bursts until the input ends."""
    send_each_once()
    answers = FileObject(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a locustfile prints is no answer
    one_at_a_time = RLock()

    def answer(message: dict[str, Any]) -> None:
        with one_at_a_time:
            answers.write(json.dumps(message) + "\n")
            answers.flush()

    for line in FileObject(sys.stdin.fileno(), "r"):
        order = json.loads(line)
        if order.get("ready"):
            answer({"id": order["id"]})
        else:
            gevent.spawn(_serve, order, answer)
    os._exit(0)  # the engine that would read their answers is gone


def _serve(order: dict[str, Any], answer: Callable[[dict[str, Any]], None]) -> None:
    try:
        with gc_off:
            answer({"id": order["id"], **_run(order)})
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a locustfile may raise anything
        answer({"id": order["id"], "error": f"{type(error).__name__}: {error}"})


def _run(order: dict[str, Any]) -> dict[str, Any]:
    """Run one locustfile to its end, and give its records and how the client fared."""
    environment = _load(order)
    records: list[dict[str, Any]] = []
    light: list[dict[str, Any]] = []

    def keep(context: dict[str, Any], **request: Any) -> None:
        kind = light if context.get("light") else records
        kind.append(record_of(request, order["timeout_s"]))

    environment.events.request.add_listener(keep)
    runner = environment.create_local_runner()
    users = order["n"] + sum(user.fixed_count for user in environment.user_classes)
    with LagMeter(call_later) as meter:
        try:
            runner.start(users, spawn_rate=users)
            if order["duration_s"] is None:
                runner.greenlet.join(timeout=2 * order["timeout_s"] + GRACE_S)
            else:
                gevent.sleep(order["duration_s"])
        finally:
            runner.quit()
    return {
        "records": records,
        "light": light,
        **asdict(meter.health),
    }


def _load(order: dict[str, Any]) -> Environment:
    """Load the locustfile as stock Locust does, but with the options from the order."""
    locust.events = events = Events()
    path = list(sys.path)
    users, _ = load_locustfile(str(Path(order["locustfile"]).resolve()))
    sys.path[:] = path  # Locust puts the working directory there each time
    if not users:
        raise LookupError(f"{order['locustfile']} has no user class")
    return Environment(
        user_classes=list(users.values()),
        events=events,
        host=order["base_url"].rstrip("/"),
        stop_timeout=order["timeout_s"],
        parsed_options=_options(events, order),
    )


def _options(events: Events, order: dict[str, Any]) -> Namespace:
    parser = LocustArgumentParser(default_config_files=[])
    events.init_command_line_parser.fire(parser=parser)
    options: Namespace = parser.parse_args([])
    content = order["content"]
    vars(options).update(
        headless=True,
        method=order["method"],
        path=order["path"],
        header=[": ".join(header) for header in order["headers"]],
        content=None if content is None else base64.b64decode(content),
        canary_path=order["canary_path"],
        deadline=order["timeout_s"],
    )
    return options


if __name__ == "__main__":
    main()
