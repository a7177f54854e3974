"""How the harness tells the probe what to serve and where to write; one environment variable."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

ENVIRONMENT_VARIABLE = "NEVERBLOCK_PROBE"
CANARY_PATH = "/__neverblock__/canary"
CANARY_HEADER = "x-neverblock"
"""Tells the probe's answer from that of a server that answers every path."""
SERVED_HEADER = "x-neverblock-served"
"""Of an answer, where the probe numbers requests: process, number and route of its request."""
OPENAPI_PATH = "/__neverblock__/openapi"
"""Serves the app's own OpenAPI document, even if the app disables its docs."""
HANDLERS_PATH = "/__neverblock__/handlers"
"""Serves the functions that the app registers for its routes, with their lines."""
POOLS_PATH = "/__neverblock__/pools"
"""Sets the size of a pool of threads, named by the query: ``?anyio-tokens=80``."""
WATCH_PATH = "/__neverblock__/watch"
"""Has the probe rest or watch again: ``?rest``, ``?resume``. It watches from the beginning.

It answers with the instant from which on it does, by the monotonic clock.
"""
RESOLUTION_S = 0.002
"""What comes late by no more than this is punctual: event loops and ``poll`` count whole
milliseconds, so a timer may be one late, and the thread that checks on it another."""
PROBE_PACKAGE = "neverblock_probe"
"""What the probe is called in the environment of an app, which may have a neverblock of its own."""
PROBED_APP = f"{PROBE_PACKAGE}.app:app"
"""The import string of the app that a server serves in place of the user's."""


@dataclass(frozen=True, slots=True)
class ProbeConfig:
    """What the probe serves and watches.

    ``target`` is an import string (``pkg.main:app``), imported from ``app_dir`` first; with
    ``factory`` it names a callable that makes the app. Traces go to ``trace_dir``, one file per
    process. Code under ``project_roots`` is the user's own. ``marks`` is a JSON file that lists the
    lines whose runs are counted, as pairs of file and line; "" counts none. Where requests are
    ``numbered``, each answer says which it was, and each stall which requests ran in it.
    """

    target: str
    trace_dir: str
    factory: bool = False
    app_dir: str = ""
    canary_path: str = CANARY_PATH
    project_roots: tuple[str, ...] = ()
    marks: str = ""
    numbered: bool = False

    def to_env(self) -> dict[str, str]:
        """Give the environment variable that passes this configuration to a server process."""
        return {ENVIRONMENT_VARIABLE: json.dumps(asdict(self))}

    @classmethod
    def from_env(cls) -> ProbeConfig:
        """Read what ``to_env`` wrote. Raises RuntimeError where it is not set."""
        text = os.environ.get(ENVIRONMENT_VARIABLE)
        if text is None:
            raise RuntimeError(
                f"{ENVIRONMENT_VARIABLE} is not set: the probe does not know what to serve. "
                "Let neverblock start the server, or set it to ProbeConfig.to_env()'s value.",
            )
        values = json.loads(text)
        return cls(**{**values, "project_roots": tuple(values["project_roots"])})
