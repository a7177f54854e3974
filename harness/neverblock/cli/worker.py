"""``neverblock worker``: a load generator that reports to a load on another machine."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neverblock.cli.address import address
from neverblock.errors import EngineError, ExitCode, UsageError
from neverblock.load.installed import locust_process
from neverblock.probe.config import SERVED_HEADER
from neverblock.target.processes import TERMINATE
from neverblock.target.scratch import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAVE_S = 10.0
"""How long Locust may take to end by itself: it lets users end what they are at, 5 s by default."""


def worker(
    master: Annotated[str, typer.Argument(metavar="HOST:PORT", help="Where the load listens.")],
    *,
    locustfile: Annotated[
        Path | None,
        typer.Option(
            "--locustfile", "-f", help="The same file, if it imports others [default: the load's]."
        ),
    ] = None,
) -> None:
    """Make a share of a load that another machine judges.

    It gets the locustfile and all options from `neverblock load ... --bind HOST:PORT`, waits for it
    up to five minutes, and ends with it. It has to be the same version of neverblock.

    - `neverblock worker 10.0.0.5:5557`
    - `neverblock worker 10.0.0.5:5557 -f locustfile.py`: a file that imports its neighbours.
    """
    host, port = address(master)
    if locustfile is not None and not locustfile.exists():
        raise UsageError(f"There is no locustfile '{locustfile}'.", "Leave -f out.")
    options = ["--worker", "--master-host", host, "--master-port", str(port)]
    command = locust_process("locust_traffic", dumps({"header": SERVED_HEADER}), *options)
    with scratch_folder() as folder:
        process = subprocess.Popen(  # noqa: S603 - our own module, by our own Python
            [*command, "-f", str(locustfile or "-")],
            env={**os.environ, "TMPDIR": str(folder)},  # where Locust puts the load's locustfile
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, who then end Locust
        )
        with ending(process):
            code = process.wait()
    if code == ExitCode.USAGE:
        raise typer.Exit(ExitCode.USAGE)
    if code:
        raise EngineError(
            f"Locust ended with code {code}; what it had not sent home is lost.",
            f"What it said stands above. Is there a load at {master}?",
        )


@contextmanager
def ending(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End a process on leaving, also where this one is asked to end. Raises KeyboardInterrupt."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(TERMINATE, stop)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
