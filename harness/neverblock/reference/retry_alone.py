"""Lanes side by side: what they spoil for each other is kept back, and measured again alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

from neverblock.analysis.expectation import hold_answers
from neverblock.result import Result

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from neverblock.model import Scenario
    from neverblock.plan import Lane
    from neverblock.result import Unchecked
    from neverblock.run.log import Log

    Take = Callable[[Result | Unchecked], None]
    Measure = Callable[[Lane, Scenario, Take], Awaitable[None]]


class Company:
    """Takes the results of lanes side by side. A context manager: nothing kept back gets lost."""

    def __init__(self, log: Log) -> None:
        """Take the log that has the last word of everything."""
        self._log = log
        self.spoiled: list[tuple[Lane, Result]] = []

    def __enter__(self) -> Self:
        """Keep nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Log what was kept back and not measured again, as it is."""
        self._log.add(*(result for _, result in self.spoiled))

    def take(self, lane: Lane, found: Result | Unchecked) -> None:
        """Log what was found, or keep it back where the machine may have spoiled it."""
        if isinstance(found, Result) and found.spoiled:
            self.spoiled.append((lane, found))
        else:
            self._log.add(found)

    async def disperse(self, measure: Measure) -> None:
        """Have what was kept back measured again, one after another, and log what that gives."""
        while self.spoiled:
            lane, before = self.spoiled[0]
            subjects = tuple(s for s in lane.subjects if s.endpoint == before.endpoint)
            again: list[Result | Unchecked] = []
            await measure(replace(lane, subjects=subjects), before.scenario, again.append)
            self.spoiled.pop(0)
            self._log.add(*(self._told(before, found) for found in again))

    def _told(self, before: Result, found: Result | Unchecked) -> Result | Unchecked:
        """Give what was found alone, held to what its pair answered, saying what was before."""
        if not isinstance(found, Result):
            return found
        note = f"measured again, alone; side by side with others: {before.judgement.reason}"
        notes = (*found.judgement.notes, note)
        found = replace(found, judgement=replace(found.judgement, notes=notes))
        pair = [
            other
            for other in self._log.run.results
            if (other.endpoint.pair, other.scenario) == (found.endpoint.pair, found.scenario)
        ]
        return hold_answers([*pair, found])[-1]
