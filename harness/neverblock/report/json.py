"""The JSON format: the saved run, indented for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.report.foreign import harmless_json
from neverblock.storage.run_file import to_json

if TYPE_CHECKING:
    from neverblock.result import Run


def render(run: Run) -> str:
    """Give the run in its saved shape."""
    return harmless_json(to_json(run), indent=2) + "\n"
