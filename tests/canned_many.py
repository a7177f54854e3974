"""A canned run of a user's app with very many endpoints, for what a page costs."""

from __future__ import annotations

from dataclasses import replace

from canned import EPOCH_S, GATHER, canned_run, lessons, result
from canned_parts import measurement, records

from neverblock.model import Diagnosis, Endpoint, Verdict


def many_endpoints(endpoints, fired):
    """Make a run of so many endpoints, each with a burst of so many requests; a third block."""
    crowd = replace(GATHER, n=fired)
    bad = lessons(GATHER, EPOCH_S)[0]
    found = []
    for number in range(endpoints):
        start_s = EPOCH_S + 20 * number
        blocks = number % 3 == 0
        solo_s = 0.1 + 0.001 * number
        base = bad if blocks else _free(start_s)
        path = f"/v1/resource-{number}/items/{{item_id}}"
        found.append(
            replace(
                base,
                endpoint=Endpoint(f"GET {path}", "GET", path),
                scenario=crowd,
                measurement=measurement(
                    fired,
                    solo_s,
                    start_s,
                    serial=blocks,
                    frames=bad.blame[0].path if blocks else (),
                    held=0.97 if blocks else 0.0,
                ),
                expected=None,
                as_expected=None,
                records=records(fired, solo_s, start_s, serial=blocks),
            )
        )
    return replace(canned_run(), results=tuple(found), lessons=(), target="shop.main:app")


def _free(start_s):
    return result(
        "sleep", "good", GATHER, 0.1, start_s, "ppp", verdict=Verdict.PASS,
        diagnosis=Diagnosis.CONCURRENT, reason="keeps the event loop free.",
    )  # fmt: skip
