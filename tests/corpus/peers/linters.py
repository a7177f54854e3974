"""Tools that read the source: each gives the stacks it complains about.

Most name a place alone, which is a stack of one frame. Who follows calls gives the route first.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from peers.stacks import APP, ROOT, Stack, own_frames

BLOCKING_CALLS = (
    "http.client.*",
    "os.system",
    "psutil.cpu_percent",
    "psycopg2.connect",
    "pymysql.connect",
    "redis.Redis",
    "requests.*",
    "smtplib.SMTP",
    "sqlite3.connect",
    "time.sleep",
    "urllib.request.urlopen",
    "urllib3.*",
)
"""What a careful user would list for ASYNC200: every library of the corpus that can wait."""


def ruff() -> list[Stack]:
    """Complain by ruff."""
    command = [_tool("ruff"), "check", "--isolated", "--preview", "--select", "ASYNC2"]
    output = _read([*command, "--output-format", "json", str(APP)])
    return [own_frames([(c["filename"], c["location"]["row"], "")]) for c in json.loads(output)]


def flake8_async() -> list[Stack]:
    """Complain by flake8-async."""
    return _flake8("")


def flake8_async_listed() -> list[Stack]:
    """Complain by flake8-async that was given a list of calls."""
    calls = ",\n  ".join(f"{call}->an_asynchronous_one" for call in BLOCKING_CALLS)
    return _flake8(f"async200-blocking-calls =\n  {calls}\n")


def hydroid() -> list[Stack]:
    """Complain by hydroid, with its defaults."""
    return _hydroid()


def hydroid_everything() -> list[Stack]:
    """Complain by hydroid that also follows calls into libraries and reports computing."""
    return _hydroid("--cpu", "--follow-libs")


def _hydroid(*options: str) -> list[Stack]:
    """Run hydroid on a copy of the app alone: beside it are the peers and the tests."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(APP, Path(folder) / APP.name)
        command = [_tool("hydroid"), folder, "--python", sys.prefix, "--no-cache"]
        output = _read([*command, *options, "--format", "json"])
    return [stack for each in json.loads(output)["diagnostics"] if (stack := chain_of(each))]


def chain_of(diagnostic: dict[str, Any]) -> Stack:
    """Give the app's frames of a chain of hydroid's: its route's, then its calls to the innermost.

    The route's frame has the last part of the route's path as its function.
    """
    reached, calls = diagnostic["reached_from"], diagnostic["chain"]
    route = re.match(r"route \w+ \S*/(\w+)[ :]", reached["entry"]) if reached else None
    entry = [(reached["location"], route[1])] if reached and route else []
    places = [*entry, *((call["location"], "") for call in calls)]
    return own_frames((str(ROOT / at["path"]), at["line"], name) for at, name in places)


def _flake8(options: str) -> list[Stack]:
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as config:
        config.write(f"[flake8]\nselect = ASYNC2\n{options}")
        config.flush()
        output = _read([_tool("flake8"), "--config", config.name, str(APP)])
    places = re.findall(r"^(.+?):(\d+):\d+: ASYNC", output, re.MULTILINE)
    return [own_frames([(file, int(line), "")]) for file, line in places]


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _read(command: list[str]) -> str:
    """Run a linter, whose exit code is 1 where it complains."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return done.stdout
