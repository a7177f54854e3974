"""The worst stalls of a load and the requests that they hit, on one axis of time, to point at.

Each stall and request says in its title what it is. The page's script shows, for the one that is
pointed at, what belongs to it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from markupsafe import Markup

from neverblock.report.summary import printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from neverblock.result import HitRequest, Load, LoadStall

WIDTH = 1000
NAME, BAR, ROW, GAP = 16, 14, 7, 8
"""Heights: of a name, of a stall, of a row of requests, and between two lanes."""

LEAST = 3.0
"""Of a bar, how wide it is at least: what is narrower cannot be pointed at."""

HELD = "held the loop"


def hits(load: Load) -> Markup | None:
    """Draw the stalls, and beneath them the requests by endpoint; None where there are none."""
    if not load.stalls:
        return None
    span_s = max(stall.at_s + stall.length_s for stall in load.stalls)
    span_s = max(span_s, load.duration_s)
    scale = WIDTH / span_s
    end = Markup('<text class="end" x="{}" y="{}">{} across</text>')
    parts = [_name(HELD, 0), end.format(WIDTH, NAME - 4, seconds(span_s))]
    parts += [_stall(load, number, scale) for number in range(len(load.stalls))]
    top = float(NAME + BAR + GAP)
    for name, requests in _lanes(load.stalls).items():
        parts.append(_name(name, top))
        rows: list[float] = []
        for request, stalls in requests.items():
            row = _row(rows, request, scale)
            y = top + NAME + row * ROW
            parts.append(_request(load, request, stalls, y, scale))
        top += NAME + len(rows) * ROW + GAP
    label = f"The {len(load.stalls)} worst stalls, and the requests that they hit"
    head = Markup('<svg class="hits" viewBox="0 0 {} {:.0f}" role="group" aria-label="{}">')
    return head.format(WIDTH, top, label) + Markup("").join(parts) + Markup("</svg>")


def _lanes(stalls: Sequence[LoadStall]) -> Mapping[str, Mapping[HitRequest, list[int]]]:
    """Give the requests by endpoint, those that lost most first, each with what hit it, in time."""
    lost_s: dict[str, float] = defaultdict(float)
    by_request: dict[tuple[str, float, float], list[tuple[int, HitRequest]]] = defaultdict(list)
    for number, stall in enumerate(stalls):
        for hit in stall.hits:
            lost_s[hit.name] += hit.lost_s
            by_request[hit.name, hit.at_s, hit.took_s].append((number, hit))
    lanes: dict[str, dict[HitRequest, list[int]]] = {
        name: {} for name in sorted(lost_s, key=lambda each: -lost_s[each])
    }
    for (name, _, _), own in sorted(by_request.items(), key=lambda each: each[0][1]):
        lanes[name][own[0][1]] = [number for number, _ in own]
    return lanes


def _row(rows: list[float], request: HitRequest, scale: float) -> int:
    """Give the first row in which a request overlaps no other, which is then taken to its end."""
    end = request.at_s + max(request.took_s, (LEAST + 1) / scale)
    for number, taken in enumerate(rows):
        if taken <= request.at_s:
            rows[number] = end
            return number
    rows.append(end)
    return len(rows) - 1


def _name(text: str, y: float) -> Markup:
    return Markup('<text x="0" y="{:.0f}">{}</text>').format(y + NAME - 4, printable(text))


def _stall(load: Load, number: int, scale: float) -> Markup:
    stall = load.stalls[number]
    many = f"{stall.requests} other requests" if stall.requests != 1 else "1 other request"
    said = (
        f"{_place(load, stall)} held the loop of process {stall.pid} for "
        f"{seconds(stall.length_s)}, {seconds(stall.at_s)} after the first request: {many} lost "
        f"{seconds(stall.lost_s)}"
    )
    if stall.requests > len(stall.hits):
        said += f"; the {len(stall.hits)} that lost most are drawn"
    return Markup(
        '<g class="held" tabindex="0" role="img" aria-label="{0}" data-stalls="{1}" '
        'data-finding="{2}"><title>{0}</title>{3}</g>'
    ).format(said, number, stall.finding, _bar(stall.at_s, stall.length_s, NAME, BAR, scale))


def _request(
    load: Load, request: HitRequest, stalls: Sequence[int], y: float, scale: float
) -> Markup:
    lost = "; ".join(_losses(load, request, stalls))
    said = (
        f"{printable(request.name)}, sent {seconds(request.at_s)} after the first request, took "
        f"{seconds(request.took_s)}: {lost}"
    )
    return Markup('<g class="hit" data-stalls="{}"><title>{}</title>{}</g>').format(
        " ".join(map(str, stalls)), said, _bar(request.at_s, request.took_s, y, ROW - 1, scale)
    )


def _losses(load: Load, request: HitRequest, stalls: Sequence[int]) -> Iterator[str]:
    same = request.name, request.at_s, request.took_s
    for number in stalls:
        stall = load.stalls[number]
        lost_s = sum(h.lost_s for h in stall.hits if (h.name, h.at_s, h.took_s) == same)
        yield f"{seconds(lost_s)} lost to {_place(load, stall)}"


def _place(load: Load, stall: LoadStall) -> str:
    found = load.findings[stall.finding]
    return printable(f"{found.file}:{found.line} {found.function}")


def _bar(at_s: float, for_s: float, y: float, height: float, scale: float) -> Markup:
    width = max(for_s * scale, LEAST)
    x = min(max(at_s * scale, 0.0), WIDTH - width)
    return Markup('<rect x="{:.1f}" y="{:.0f}" width="{:.1f}" height="{:.0f}"/>').format(
        x, y, width, height
    )
