"""The one word for what became of something from one run to another."""

from __future__ import annotations

from enum import StrEnum


class Change(StrEnum):
    """What became of an endpoint, or of a line, from one run to another."""

    NEWLY_BLOCKING = "newly-blocking"
    FIXED = "fixed"
    WORSE = "worse"
    BETTER = "better"
    SAME = "same"
    GONE = "gone"
    NEW = "new"
    NOT_COMPARABLE = "not-comparable"
