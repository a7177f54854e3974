"""Functions of known lines, which the tests of marking mark: each ``# mark:`` names one."""

from __future__ import annotations

from pathlib import Path


def looped(numbers):
    """Run a line often."""
    total = 0
    for number in numbers:  # mark: loop
        total += number  # mark: body
    return total


def managed(file):
    """End a block on the line that began it."""
    with Path(file).open() as opened:  # mark: with
        return opened.read()


async def spread(first, second):  # mark: definition
    """Come back to the first line of a call after its arguments."""
    return max(  # mark: call
        first,
        second,
    )


def branch(value):
    """Take one of two ways."""
    if value:
        return "yes"  # mark: yes
    return "no"  # mark: no


SQUARES = {"square": lambda value: value * value}  # mark: short


def cleaned(value):
    """Run a line on the way out, in an exception as well."""
    try:
        return 1 / value  # mark: raises
    finally:
        value = None  # mark: finally


def calls(other):
    """Call another at the end."""
    other()  # mark: calls
