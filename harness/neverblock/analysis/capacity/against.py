"""The capacity of one endpoint in two states of an app in; the ratio of the ceilings out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.result.capacity import Against

if TYPE_CHECKING:
    from neverblock.result.capacity import Capacity


def against(base: Capacity, head: Capacity, least: float | None) -> Against:
    """Set a ceiling against that of the base, measured in the same job on the same machine.

    The ratio's interval is as wide as both ceilings allow. ``least`` is the ratio that was asked
    for, None where none was. Without both ceilings there is no ratio.
    """
    ratio = low = high = None
    if base.ceiling_per_s and base.low_per_s and base.high_per_s and head.ceiling_per_s:
        ratio = head.ceiling_per_s / base.ceiling_per_s
        low = (head.low_per_s or 0.0) / base.high_per_s
        high = (head.high_per_s or 0.0) / base.low_per_s
    return Against(
        ceiling_per_s=base.ceiling_per_s,
        low_per_s=base.low_per_s,
        high_per_s=base.high_per_s,
        limit=base.limit,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        least=least,
        reason=base.reason,
    )
