"""The run so far: who is told of it, what it holds, and where its time went."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from neverblock.analysis.judge import inconclusive
from neverblock.config.secret import redact
from neverblock.model import Verdict
from neverblock.observe.machine import environment, installed
from neverblock.result import Phase, Result, Run, Unchecked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from neverblock.result import Control, Criterion


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who is told what happens: a phase begins, a lane moves on, the run has a new result.

    ``on_total`` hears how many results there will be, once that is known.
    """

    on_phase: Callable[[str], None]
    on_lane: Callable[[str, str], None]
    on_run: Callable[[Run], None]
    on_total: Callable[[int], None] = lambda _: None


@dataclass(slots=True)
class Log:
    """The run so far, and where its time went; ``secrets`` are written nowhere."""

    watcher: Watcher
    run: Run
    secrets: frozenset[str] = frozenset()
    since_s: float = field(default_factory=time.monotonic)

    def add(self, *found: Result | Unchecked) -> None:
        """Take results in and hand the run on, so that nothing measured is lost."""
        results = [distrust(one, self.run.control) for one in found if isinstance(one, Result)]
        results = [self._told(one) for one in results]
        unchecked = [
            replace(one, reason=redact(one.reason, self.secrets))
            for one in found
            if isinstance(one, Unchecked)
        ]
        self.run = replace(
            self.run,
            results=(*self.run.results, *results),
            unchecked=(*self.run.unchecked, *unchecked),
        )
        self.publish()

    def _told(self, result: Result) -> Result:
        """Give a result without secrets: its reason may repeat what the target answered."""
        reason = redact(result.judgement.reason, self.secrets)
        return replace(result, judgement=replace(result.judgement, reason=reason))

    def publish(self) -> None:
        """Hand the run on with its duration so far."""
        self.run = replace(self.run, duration_s=time.monotonic() - self.since_s)
        self.watcher.on_run(self.run)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Tell that a phase begins, and keep how long it took."""
        self.watcher.on_phase(name)
        began_s = time.monotonic()
        try:
            yield
        finally:
            phase = Phase(name, time.monotonic() - began_s)
            self.run = replace(self.run, phases=(*self.run.phases, phase))


def distrust(result: Result, control: Control | None) -> Result:
    """Take back a verdict that rests on the probe, where the probe failed its own control."""
    rests_on_probe = result.measurement is not None and result.measurement.loop is not None
    trusted = control is not None and control.seen
    if trusted or not rests_on_probe or result.judgement.verdict is Verdict.ERROR:
        return result
    complaint = control.complaint if control else "there was none"
    why = f"The probe failed its positive control: {complaint}."
    agrees = None if result.as_expected is None else False
    return replace(result, judgement=inconclusive(why), as_expected=agrees, blame=())


def blank_run(
    target: str, criterion: Criterion, *, scale: float = 1.0, app_dir: Path | None = None
) -> Run:
    """Give a run as it stands before anything is measured, with where and when it is made.

    ``app_dir`` is the app's folder, which files that are blamed are relative to.
    """
    folder = {} if app_dir is None else {"app_dir": os.path.relpath(app_dir)}
    return Run(
        tool_version=installed("neverblock") or "unknown",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=0.0,
        target=target,
        scale=scale,
        criterion=criterion,
        environment={**environment(), **folder},
        results=(),
    )
