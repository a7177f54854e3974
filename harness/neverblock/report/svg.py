"""A matplotlib figure as inline SVG: text stays text, colours follow the page's light and dark."""

from __future__ import annotations

import re
import warnings
from io import StringIO
from typing import TYPE_CHECKING

from markupsafe import Markup, escape
from matplotlib import rc_context

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from matplotlib.figure import Figure

INKS = {
    "ink": "#010101",
    "soft": "#010102",
    "line": "#010103",
    "own": "#010104",
    "wait": "#010105",
    "fail": "#010106",
    "pass": "#010107",
    "compute": "#010108",
    "gil": "#010109",
    "machine": "#01010a",
    "unsure": "#01010b",
}
"""Names of the page's colours (``--ink`` and so on) and what stands for each while drawing."""

_STYLE = re.compile(r'style="([^"]*)"')
_ID = re.compile(r' id="[a-z0-9]+_\d+"')
_REFERENCE = re.compile(r'(\bid="|url\(#|href="#)')
_FONT = re.compile(r"(?:\bfont: (?:[a-z0-9]+ )*?(?P<size>[\d.]+px) [^;]*|font-family: [^;]*)")
_HEAD = re.compile(r"<(\?xml|!DOCTYPE)[^>]*>|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_SIZE = re.compile(r'(<svg [^>]*?) width="[^"]*" height="[^"]*"')
_PLACE = re.compile(r'\b(x|y|transform)="[^"]*"')
_PATH = re.compile(r'\bd="([^"]*)"')
_STEP = re.compile(r"([A-Za-z])([^A-Za-z]*)")
_NUMBER = re.compile(r"(\d+\.\d)\d+")
_EMPTY = re.compile(r"<(defs|g)>\s*</\1>|(?<=>)\s+(?=<)")


def settings() -> AbstractContextManager[None]:
    """Set what every drawing needs: text as text, names taken literally, stable output."""
    return rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "neverblock",
            "text.parse_math": False,
            "font.size": 10,
        }
    )


class Inliner:
    """Turns figures into SVG for one page, and gathers the style rules that they share.

    Styles become classes, so that the page's policy need not allow style attributes.
    """

    def __init__(self) -> None:
        """Start with no rules."""
        self._classes: dict[str, str] = {}
        self._figures = 0

    @property
    def css(self) -> str:
        """The rules of all figures so far."""
        return "\n".join(f".{name}{{{style}}}" for style, name in self._classes.items())

    def svg(self, figure: Figure, title: str, description: str) -> Markup:
        """Give the figure as an SVG element that is an image with a text alternative."""
        self._figures += 1
        drawn = StringIO()
        with settings(), warnings.catch_warnings():
            # the page's own fonts draw what matplotlib's fonts have no glyph for
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            figure.savefig(drawn, format="svg", transparent=True, metadata={"Date": None})
        text = _HEAD.sub("", drawn.getvalue())
        text = _ID.sub("", text).replace("\n", " ")
        text = _REFERENCE.sub(rf"\1f{self._figures}-", text)
        text = _STYLE.sub(lambda match: f'class="{self._class(match[1])}"', text)
        text = _PLACE.sub(lambda match: _NUMBER.sub(r"\1", match[0]), text)
        text = _PATH.sub(lambda match: f'd="{shortened(match[1])}"', text)
        text = _EMPTY.sub("", text)
        label = escape(f"{title}. {description}")
        text = _SIZE.sub(rf'\1 role="img" aria-label="{_literal(label)}"', text, count=1)
        return Markup(text.strip())  # noqa: S704 - matplotlib escapes its text, the label is escaped

    def _class(self, style: str) -> str:
        rule = _FONT.sub(lambda m: f"font-size: {m['size']}" if m["size"] else "", style)
        for name, placeholder in INKS.items():
            rule = rule.replace(placeholder, f"var(--{name})")
        return self._classes.setdefault(rule.strip(" ;"), f"k{len(self._classes)}")


def shortened(path: str) -> str:
    """Give the same path to a tenth of a point, its upright and level lines as V and H.

    A page holds hundreds of charts, and these lines are most of what it weighs.
    """
    x = y = ""
    steps = []
    for command, text in _STEP.findall(path):
        numbers = [f"{float(each):.1f}".removesuffix(".0") for each in text.split()]
        if command == "L" and numbers[1] == y:
            steps.append(f"H{numbers[0]}")
        elif command == "L" and numbers[0] == x:
            steps.append(f"V{numbers[1]}")
        else:
            steps.append(command + " ".join(numbers))
        x, y = numbers[-2:] if numbers else ("", "")
    return "".join(steps)


def _literal(replacement: str) -> str:
    return replacement.replace("\\", r"\\")
