"""The tree of what held the loop as SVG: wide is long, beneath is called; it needs nothing else."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count, islice
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from neverblock.report.summary import printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from neverblock.report.flame import Node

WIDTH = 1000
ROW = 19
LETTER = 6.3
"""Of a label, how wide a letter is: labels are cut to what fits."""

LEAST = 8.0
"""Of the width: what is narrower can hardly be pointed at."""

LETTERS = 3
"""The fewest of a label. Beneath a box that has no room for them nothing is drawn: a column of
boxes that nobody can read would make the drawing deep for nothing."""

DEEPEST = 48
MOST = 250
"""Boxes of one drawing, the widest ones: 70 kB of markup, and more than anybody points at."""
MOST_FLAMES = 20
"""Drawings of findings on one page, the worst ones: a page of hundreds of them stays small."""

MATTERS = 0.05
"""Of what a call held, how much more or less is a change of colour."""


def flame(root: Node, title: str, *, compared: bool = False) -> Markup | None:
    """Draw a tree, and say how much of it is not drawn; None where nothing held the loop.

    Colours say whether a call waits or computes; ``compared``, whether it holds the loop for longer
    than before (red), or for less (blue).
    """
    if root.weight_s <= 0:
        return None
    boxes = _nodes(root, WIDTH / root.weight_s, compared=compared)
    drawn = list(islice(boxes, MOST))
    left_out = _size(root) - len(drawn)
    height = ROW * max(depth + 1 for depth, _ in drawn)
    most = max(root.below.values(), key=lambda node: node.weight_s, default=root)
    label = escape(
        printable(f"{title}: {_said(root, root, compared=compared)}; the most in {most.step}")
    )
    body = Markup("").join(markup for _, markup in drawn)
    head = Markup('<svg class="flame" viewBox="0 0 {} {}" role="img" aria-label="{}">')
    svg = head.format(WIDTH, height, label) + body + Markup("</svg>")
    return svg + _left_out(left_out) if left_out else svg


def _left_out(calls: int) -> Markup:
    """Say how many calls have no box."""
    return Markup(
        '<p class="soft small">Not drawn, too narrow or too deep to be seen: {} of the calls. '
        "<code>neverblock report --speedscope FILE</code> writes all of them.</p>"
    ).format(f"{calls:,}")


def _size(root: Node) -> int:
    """Count the nodes of a tree."""
    waiting, size = [root], 0
    while waiting:
        size += 1
        waiting += waiting.pop().below.values()
    return size


def _nodes(root: Node, scale: float, *, compared: bool) -> Iterator[tuple[int, Markup]]:
    """Yield each node that can be seen, the widest first and none before the one above it.

    With its depth comes its markup: a box, what it says, and its label.
    """
    order = count()
    waiting = [(-root.weight_s, next(order), root, 0.0, 0)]
    while waiting:
        _, _, node, left, level = heappop(waiting)
        width = node.weight_s * scale
        if width < LEAST or level > DEEPEST:
            continue
        yield level, _box(node, root, left, level, width, compared=compared)
        if _room(width) < LETTERS:
            continue
        ordered = sorted(node.below.values(), key=lambda each: (-each.weight_s, str(each.step)))
        for each in ordered:
            heappush(waiting, (-each.weight_s, next(order), each, left, level + 1))
            left += each.weight_s * scale


def _room(width: float) -> int:
    """Give the letters that fit into a box."""
    return int((width - 6) / LETTER)


def _box(node: Node, root: Node, x: float, depth: int, width: float, *, compared: bool) -> Markup:
    name = printable(str(node.step))
    room = _room(width)
    label = name if len(name) <= room else f"{name[: room - 1]}…" if room >= LETTERS else ""
    y = depth * ROW
    return Markup(
        '<g><title>{}: {}</title><rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>'
        '<text x="{:.1f}" y="{}">{}</text></g>'
    ).format(
        name,
        _said(node, root, compared=compared),
        _kind(node, compared=compared),
        x,
        y,
        max(width - 1, 1),
        ROW - 1,
        x + 3,
        y + 13,
        label,
    )


def _said(node: Node, root: Node, *, compared: bool) -> str:
    if compared:
        return f"{seconds(node.before_s)} before, {seconds(node.held_s)} now"
    return f"{seconds(node.held_s)}, {node.held_s / root.held_s:.0%}"


def _kind(node: Node, *, compared: bool) -> str:
    if compared:
        change_s = node.held_s - node.before_s
        if abs(change_s) <= MATTERS * node.weight_s:
            return "alike"
        return "more" if change_s > 0 else "less"
    return "computes" if node.computing_s > node.held_s / 2 else "waits"
