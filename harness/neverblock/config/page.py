"""The page on the configuration, as ``neverblock explain config`` shows it."""

from __future__ import annotations

from pathlib import Path

TOPIC = "config"


def configuration_page() -> str:
    """Give the page, in Markdown: beside this file in a wheel, among the docs in a clone."""
    bundled = Path(__file__).with_name("configuration.md")
    clone = Path(__file__).parents[3] / "docs" / "configuration.md"
    return (bundled if bundled.is_file() else clone).read_text(encoding="utf-8")
