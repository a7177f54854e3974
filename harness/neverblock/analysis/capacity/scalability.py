"""The universal scalability law, fitted to levels where it holds, and not a step further. Pure.

Gunther, "Guerrilla Capacity Planning" (2007), chapter 4: n requests at once are answered at
X(n) = n X(1) / (1 + s (n - 1) + k n (n - 1)), with the contention s (what is done one at a time)
and the coherency k (what each costs every other). n / X(n) is linear in 1, n - 1 and n (n - 1).
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from neverblock.result.capacity import Scalability

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.result.capacity import Level

FITS = 0.05
"""The law holds where it misses no level by more than a level is unsure by; a kink is no fit."""

FEWEST = 6
"""Three parameters need as many levels more for an interval that says something."""

STUDENT = {3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 10: 2.228}
"""Student's t for 95 % by degrees of freedom (any table of the distribution)."""


def scalability_of(levels: Sequence[Level]) -> Scalability | None:
    """Fit the law to levels; None where it does not hold, or there are too few to tell."""
    good = [level for level in levels if level.rate_per_s > 0 and not level.failures]
    if len(good) < FEWEST:
        return None
    rows = [(1.0, level.n - 1.0, level.n * (level.n - 1.0)) for level in good]
    seen = [level.n / level.rate_per_s for level in good]
    # Relative errors count alike: each row is divided by what was seen.
    scaled = [tuple(part / y for part in row) for row, y in zip(rows, seen, strict=True)]
    inverse = _inverse([[sum(r[i] * r[j] for r in scaled) for j in range(3)] for i in range(3)])
    if inverse is None:
        return None
    sums = [sum(row[i] for row in scaled) for i in range(3)]
    one, contended, coherent = (sum(inverse[i][j] * sums[j] for j in range(3)) for i in range(3))
    fitted = (one, contended, coherent)
    misses = [1 - sum(p * c for p, c in zip(row, fitted, strict=True)) for row in scaled]
    if one <= 0 or max(map(abs, misses)) > FITS:
        return None
    freedom = len(good) - 3
    variance = sum(miss**2 for miss in misses) / freedom
    student = STUDENT.get(freedom, STUDENT[max(STUDENT)])
    halves = [student * sqrt(max(0.0, variance * inverse[i][i])) / one for i in (1, 2)]
    contention, coherency = contended / one, coherent / one
    if contention + halves[0] < 0 or coherency + halves[1] < 0:
        return None
    return Scalability(
        contention=max(0.0, contention),
        contention_low=max(0.0, contention - halves[0]),
        contention_high=contention + halves[0],
        coherency=max(0.0, coherency),
        coherency_low=max(0.0, coherency - halves[1]),
        coherency_high=coherency + halves[1],
        to_n=max(level.n for level in good),
    )


def _inverse(m: Sequence[Sequence[float]]) -> list[list[float]] | None:
    """Invert a matrix of three rows by its cofactors; None where it has no inverse."""
    cofactors = [
        [
            m[(i + 1) % 3][(j + 1) % 3] * m[(i + 2) % 3][(j + 2) % 3]
            - m[(i + 1) % 3][(j + 2) % 3] * m[(i + 2) % 3][(j + 1) % 3]
            for i in range(3)
        ]
        for j in range(3)
    ]
    determinant = sum(m[0][j] * cofactors[j][0] for j in range(3))
    if abs(determinant) < 1e-30:  # noqa: PLR2004 - nothing but rounding is left
        return None
    return [[value / determinant for value in row] for row in cofactors]
