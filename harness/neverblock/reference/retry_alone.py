"""Results of groups measured side by side: what the machine spoiled is retried alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from neverblock.analysis.expectation import hold_answers
from neverblock.plan import Group
from neverblock.result import Result, Unchecked

if TYPE_CHECKING:
    from neverblock.model import Scenario
    from neverblock.run.log import Log

Take = Callable[[Result | Unchecked], None]
"""Takes one outcome of a measurement."""

Retry = Callable[[Group, "Scenario", Take], Awaitable[None]]
"""Measures a group under one scenario."""


class SideBySide:
    """Logs the results of groups measured side by side, but for those that the machine spoiled.

    A context manager: on leaving, what was spoiled and not retried is logged as it is.
    """

    def __init__(self, log: Log) -> None:
        """Take the log that results go into."""
        self._log = log
        self.spoiled: list[tuple[Group, Result]] = []

    def __enter__(self) -> Self:
        """Start with nothing spoiled."""
        return self

    def __exit__(self, *_: object) -> None:
        """Log what was spoiled and not retried."""
        self._log.add(*(result for _, result in self.spoiled))

    def take(self, group: Group, outcome: Result | Unchecked) -> None:
        """Log an outcome, or keep it for a retry where the machine spoiled it."""
        if isinstance(outcome, Result) and outcome.spoiled:
            self.spoiled.append((group, outcome))
        else:
            self._log.add(outcome)

    async def retry_alone(self, retry: Retry) -> None:
        """Measure again what was spoiled, one after another, and log the new results."""
        while self.spoiled:
            group, before = self.spoiled[0]
            subjects = tuple(s for s in group.subjects if s.endpoint == before.endpoint)
            outcomes: list[Result | Unchecked] = []
            await retry(replace(group, subjects=subjects), before.scenario, outcomes.append)
            self.spoiled.pop(0)
            self._log.add(*(self._noted(before, outcome) for outcome in outcomes))

    def _noted(self, before: Result, outcome: Result | Unchecked) -> Result | Unchecked:
        """Give an outcome with a note on the spoiled one, its answers compared to its pair's."""
        if not isinstance(outcome, Result):
            return outcome
        note = f"measured again, alone; side by side with others: {before.judgement.reason}"
        notes = (*outcome.judgement.notes, note)
        result = replace(outcome, judgement=replace(outcome.judgement, notes=notes))
        pair = [
            other
            for other in self._log.run.results
            if (other.endpoint.pair, other.scenario) == (result.endpoint.pair, result.scenario)
        ]
        return hold_answers([*pair, result])[-1]
