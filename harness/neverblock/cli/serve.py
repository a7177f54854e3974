"""``neverblock serve``: the saved runs in a browser, on this machine only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from neverblock.cli.options import Reports
from neverblock.cli.terminal import console
from neverblock.report.run_server import RunServer


def serve(
    *,
    reports: Reports = Path("reports"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any free one.")] = 8900,
) -> None:
    """List the saved runs in a browser, with a trend of each endpoint; on loopback only.

    - `neverblock serve`: the runs in `reports/`, at http://127.0.0.1:8900/, until Ctrl-C.
    """
    terminal = console(stderr=True)
    with RunServer(reports, port) as server:
        message = f"Runs in {escape(str(reports))}: {server.address} (Ctrl-C ends it)"
        terminal.print(message, highlight=False, soft_wrap=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            terminal.print("Ended.")
