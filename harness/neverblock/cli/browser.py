"""A run's page in the user's own browser."""

from __future__ import annotations

import webbrowser
from typing import TYPE_CHECKING

from rich.markup import escape

from neverblock.cli.output import write
from neverblock.cli.terminal import console
from neverblock.report import create_renderer

if TYPE_CHECKING:
    from pathlib import Path

    from neverblock.result import Run


def open_page(run: Run, path: Path) -> None:
    """Write the page beside the saved run at this path, and open it.

    The page's path is printed, whether or not there is a browser. Raises StoreError.
    """
    page = (path if path.is_dir() else path.parent).resolve() / "index.html"
    write(page, create_renderer("html")(run))
    opened = webbrowser.open(page.as_uri())
    label = "Report" if opened else "No browser could be opened; the report is"
    console(stderr=True).print(f"{label}: {escape(str(page))}", highlight=False, soft_wrap=True)
