"""Takes the pictures in docs/: ``python tests/browser/screenshots.py PAGE``.

PAGE is the page of a full run of the reference app. Each picture is reduced to 128 colours, which
is enough for a page of flat ones, and keeps them small.
"""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

DOCS = Path(__file__).parents[2] / "docs"
TALL = 2400
MARGIN = 20
WIDTHS = {"wide": 1440, "narrow": 390}
THEMES = ("light", "dark")


def keep(picture, name):
    """Save a picture, reduced."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(128, dither=Image.Dither.NONE).save(DOCS / f"{name}.png", optimize=True)


def main(page):
    """Take all pictures of one page."""
    address = Path(page).resolve().as_uri()
    with sync_playwright() as playwright:
        program = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for size, width in WIDTHS.items():
            for theme in THEMES:
                viewport = {"width": width, "height": 900}
                context = browser.new_context(viewport=viewport, color_scheme=theme)
                shown = context.new_page()
                shown.goto(address)
                clip = {"x": 0, "y": 0, "width": width, "height": TALL}
                keep(shown.screenshot(full_page=True, clip=clip), f"page-{size}-{theme}")
                if (size, theme) == ("wide", "light"):
                    box = shown.locator("#http").bounding_box()
                    clip = {
                        "x": box["x"] - MARGIN,
                        "y": box["y"] - MARGIN,
                        "width": box["width"] + 2 * MARGIN,
                        "height": box["height"] + MARGIN,
                    }
                    keep(shown.screenshot(full_page=True, clip=clip), "report")
                context.close()
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
