"""How figures are written for people."""

from __future__ import annotations


def seconds(value: float) -> str:
    """Give a duration as a person reads it."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"


def milliseconds(low_s: float, high_s: float) -> str:
    """Give a range of durations as a person reads it: ``12 to 15 ms``, or one where both agree."""
    form = "{:.0f}" if high_s >= 0.01 else "{:.2g}"  # noqa: PLR2004 - two digits say enough
    low, high = form.format(low_s * 1000), form.format(high_s * 1000)
    return f"{low} ms" if low == high else f"{low} to {high} ms"


def rate(per_s: float) -> str:
    """Give a number of requests a second as a person reads it."""
    return f"{per_s:.0f}" if per_s >= 10 else f"{per_s:.2g}"  # noqa: PLR2004 - two digits say enough


def percent(share: float) -> str:
    """Give a share of 0 to 1 as a person reads it, and never rounded up: ``79 %`` is not 80."""
    return f"{int(100 * share + 1e-9)} %"


def share(value: float) -> str:
    """Give a part of a whole as a person reads it; twice the whole and more as so many times it."""
    return f"{value:.0%}" if value < 2 else f"{value:.3g} times"  # noqa: PLR2004 - see above
