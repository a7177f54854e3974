"""One endpoint asked alone: warmed up, then one request at a time, as far as it answers."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.judge import erroring
from neverblock.analysis.measure import Solo
from neverblock.analysis.unanswered import Ending
from neverblock.endpoints.probe_request import Answer, send_probe_request
from neverblock.endpoints.refusal import answers_made_up, refused, why_refused
from neverblock.endpoints.refusal_in_test import why_refused_in_test
from neverblock.model import Scenario
from neverblock.run.recovery import ending_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from neverblock.load import Engine
    from neverblock.model import Burst, Record
    from neverblock.observe.window import Observer
    from neverblock.plan import Plan, Subject

ONE = Scenario(name="solo", title="One request", engine="gather", n=1)
SOLO_REQUESTS = 3
"""The fewest whose least and most hold their median but for a chance of one in eight."""

SHORT_S = 0.1
WARM_UPS = 2
WARM = 0.8
"""A short endpoint is warm when a request takes no less than this share of the one before."""


class Unmeasurable(Exception):  # noqa: N818 - an answer, as StopIteration is
    """An endpoint that is not measured: what is concluded of it instead.

    ``left_out`` where nobody named it and made-up values are all that it was asked with.
    """

    def __init__(self, ending: Ending, *, left_out: bool = False) -> None:
        """Take the conclusion."""
        super().__init__(ending.judgement.reason)
        self.ending = ending
        self.left_out = left_out


class Alone:
    """Asks the endpoints of one server one request at a time."""

    def __init__(
        self,
        plan: Plan,
        observer: Observer,
        engine: Engine,
        on_phase: Callable[[str], None],
        turn: AbstractAsyncContextManager[None],
        hide: Callable[[str], str],
    ) -> None:
        """Take the plan, the watched server, what fires, and what hides secrets in its answers."""
        self._plan = plan
        self._observer = observer
        self._engine = engine
        self._on_phase = on_phase
        self._turn = turn
        self._hide = hide

    async def solo(self, subject: Subject) -> Solo:
        """Warm an endpoint up, then ask one at a time. Raises Unmeasurable where that fails."""
        began_s = time.monotonic()
        async with self._turn:
            self._on_phase(f"{subject.endpoint.name}: warming up")
            before_s = first_s = await self._ask(subject)
            ended_s = time.monotonic()
            short = first_s < SHORT_S and not self._plan.quick
            for _ in range(WARM_UPS if short else 0):
                again_s = await self._ask(subject)
                if again_s >= WARM * before_s:
                    break
                before_s = again_s
        async with self._turn:
            solo = await self.more(subject, first_s)
        return replace(solo, first=self._observer.seen(began_s, ended_s))

    async def more(self, subject: Subject, warm_up_s: float) -> Solo:
        """Ask one at a time under observation. Raises Unmeasurable where one fails."""
        self._on_phase(f"{subject.endpoint.name}: one at a time")
        records: list[Record] = []
        async with self._observer.window() as window:
            for seq in range(SOLO_REQUESTS):
                burst = await self._fire(subject)
                records.append(replace(burst.records[0], seq=seq))
        seen = window.observed
        return Solo(tuple(records), seen.pings, seen.trace, warm_up_s)

    async def _ask(self, subject: Subject) -> float:
        burst = await self._fire(subject)
        return burst.wall_s

    async def _fire(self, subject: Subject) -> Burst:
        """Send one request. Raises Unmeasurable where its answer is none to burst for."""
        observer = self._observer
        printed = observer.server.log_size()
        burst = await self._engine.fire(
            observer.server.base_url,
            subject.request,
            ONE,
            timeout_s=self._plan.deadline_s,
            canary_path=observer.canary_path,
        )
        record = self.hidden(burst).records[0]
        if refused(record, subject):
            raise await self._unmeasurable(record, subject, printed)
        return burst

    def hidden(self, burst: Burst) -> Burst:
        """Give a burst whose errors hold no secret: a library may quote the answer in them."""
        records = tuple(
            replace(record, error=self._hide(record.error)) if record.error else record
            for record in burst.records
        )
        return replace(burst, records=records)

    async def _unmeasurable(self, record: Record, subject: Subject, printed: int) -> Unmeasurable:
        """Find out why a request was refused; ``printed`` is what the log had before it."""
        server = self._observer.server
        criterion = self._plan.criterion_of(subject)
        who = subject.endpoint.name
        ending = await ending_of(self._observer, [record], criterion, who, printed)
        if ending is not None:
            return Unmeasurable(ending)
        answer = Answer(None, {}, "")
        if record.error is None:
            answer = await send_probe_request(server.base_url, subject.request)
        explain = why_refused_in_test if self._plan.in_test else why_refused
        why = explain(
            record, subject, answer.hiding(self._hide), self._hide(server.log_tail(printed))
        )
        return Unmeasurable(Ending(erroring(why)), left_out=answers_made_up(record, subject))
