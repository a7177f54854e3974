"""Tools that read the source: each gives the places it complains about."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from peers.stacks import APP, Frame, own_frames

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


def ruff() -> list[Frame]:
    """Complain by ruff."""
    command = [_tool("ruff"), "check", "--isolated", "--preview", "--select", "ASYNC2"]
    output = _read([*command, "--output-format", "json", str(APP)])
    return own_frames((c["filename"], c["location"]["row"], "") for c in json.loads(output))


def flake8_async() -> list[Frame]:
    """Complain by flake8-async."""
    return _flake8("")


def flake8_async_listed() -> list[Frame]:
    """Complain by flake8-async that was given a list of calls."""
    calls = ",\n  ".join(f"{call}->an_asynchronous_one" for call in BLOCKING_CALLS)
    return _flake8(f"async200-blocking-calls =\n  {calls}\n")


def _flake8(options: str) -> list[Frame]:
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as config:
        config.write(f"[flake8]\nselect = ASYNC2\n{options}")
        config.flush()
        output = _read([_tool("flake8"), "--config", config.name, str(APP)])
    places = re.findall(r"^(.+?):(\d+):\d+: ASYNC", output, re.MULTILINE)
    return own_frames((file, int(line), "") for file, line in places)


def _tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _read(command: list[str]) -> str:
    """Run a linter, whose exit code is 1 where it complains."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")
    return done.stdout
