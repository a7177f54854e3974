"""A ceiling against that of the base of the app, in a sentence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.units import rate

if TYPE_CHECKING:
    from neverblock.result.capacity import Against


def against_sentence(against: Against) -> str:
    """Say what the base takes, the ratio to it, and what it is held to."""
    held = "" if against.least is None else f", and shall be {against.least:g} at least"
    if against.ceiling_per_s is None:
        return f"the base has no ceiling{held}: {against.reason}"
    base = f"the base takes {rate(against.ceiling_per_s)} a second"
    if against.ratio is None or against.ratio_low is None or against.ratio_high is None:
        return f"{base}, and this has no ceiling: the ratio was not measured{held}"
    interval = f"[{against.ratio_low:.2f}, {against.ratio_high:.2f}]"
    return f"{base}: {against.ratio:.2f} of it {interval}{held}"
