"""How figures are written for people."""

from __future__ import annotations


def seconds(value: float) -> str:
    """Give a duration as a person reads it."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"
