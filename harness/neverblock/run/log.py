"""The run so far: who watches it, what it contains, and where its time went."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from neverblock.analysis.background import background_holds
from neverblock.analysis.coverage import coverage
from neverblock.config.secret import redact
from neverblock.errors import NeverblockError
from neverblock.gate.background import diagnosis_of
from neverblock.observe.machine import environment, installed
from neverblock.observe.noise import NoiseMeter
from neverblock.probe.tier import NO_PROBE
from neverblock.result import Phase, Result, Run, Unchecked
from neverblock.run.redaction import without_secrets
from neverblock.run.repository import work_dir
from neverblock.storage.fixes import located_with_fix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from neverblock.measurement import LoopTrace
    from neverblock.observe.window import Observer
    from neverblock.plan import Interpreter
    from neverblock.result import Criterion

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Watcher:
    """What to call when a phase begins, when a group takes its next step, when the run grows.

    ``on_total`` takes the number of results to come, once that is known.
    """

    on_phase: Callable[[str], None]
    on_step: Callable[[str, str], None]
    on_run: Callable[[Run], None]
    on_total: Callable[[int], None] = lambda _: None


@dataclass(slots=True)
class Log:
    """The run so far, and where its time went.

    ``place`` sorts the results; by default they stay in the order of their arrival. ``secrets``
    are written nowhere. ``routes`` names those of the app, where they are known; ``spans`` has from
    when until when each endpoint was measured.
    """

    watcher: Watcher
    run: Run
    place: Callable[[Result], int] = lambda _: 0
    secrets: frozenset[str] = frozenset()
    routes: tuple[str, ...] = ()
    spans: dict[str, tuple[float, float]] = field(default_factory=dict)
    since_s: float = field(default_factory=time.monotonic)

    def add(self, *outcomes: Result | Unchecked) -> None:
        """Add results to the run and publish it, so that nothing measured is lost."""
        shown = [self._shown(one) for one in outcomes]
        results = [one for one in shown if isinstance(one, Result)]
        unchecked = [one for one in shown if isinstance(one, Unchecked)]
        self.run = replace(
            self.run,
            results=tuple(sorted((*self.run.results, *results), key=self.place)),
            unchecked=(*self.run.unchecked, *unchecked),
        )
        if self.routes:
            covered = coverage(self.routes, self.run.results, self.run.unchecked)
            self.run = replace(self.run, coverage=covered)
        self.publish()

    def hide(self, text: str) -> str:
        """Give a text of the target's, with every secret in it hidden."""
        return redact(text, self.secrets)

    def _shown(self, outcome: T) -> T:
        """Give an outcome without secrets: any part of it may repeat what the target answered."""
        return without_secrets(outcome, cache(self.hide)) if self.secrets else outcome

    def add_background(self, trace: LoopTrace | None, app_dir: Path) -> None:
        """Take in what held the loop while no request ran it, over a server's whole life."""
        if trace is not None:
            holds = [
                replace(hold, place=located_with_fix(hold.place, diagnosis_of(hold), app_dir))
                for hold in background_holds(trace.stalls, self.run.criterion)
            ]
            self.run = replace(self.run, background=(*self.run.background, *holds))

    def note_probe(self, observer: Observer) -> None:
        """Note what the probe says of where it is: how much it sees there, and in which Python."""
        self.run = replace(self.run, environment={**self.run.environment, **observer.place()})

    def publish(self) -> None:
        """Give the run, with its duration so far and without a secret, to the watcher."""
        self.run = replace(self.run, duration_s=time.monotonic() - self.since_s)
        if self.secrets:
            # Results and what was not checked are without any since they were added.
            more = {name: getattr(self.run, name) for name in ("background", "load", "capacity")}
            self.run = replace(self.run, **self._shown(more))
        self.watcher.on_run(self.run)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Announce a phase, and record how long it took."""
        self.watcher.on_phase(name)
        began_s = time.monotonic()
        try:
            yield
        finally:
            phase = Phase(name, time.monotonic() - began_s)
            self.run = replace(self.run, phases=(*self.run.phases, phase))

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Record how long something took that is done for each endpoint, in sum."""
        began_s = time.monotonic()
        try:
            yield
        finally:
            took_s = time.monotonic() - began_s
            took_s += sum(each.duration_s for each in self.run.phases if each.name == name)
            others = [each for each in self.run.phases if each.name != name]
            self.run = replace(self.run, phases=(*others, Phase(name, took_s)))

    @contextmanager
    def closing(self) -> Iterator[None]:
        """Close the run on leaving: note how noisy the machine was, and publish the run.

        An interrupt, which is a cancellation of the task, ends here and leaves a partial run.
        What goes wrong for all goes on as it is, but without secrets.
        """
        meter = NoiseMeter()
        try:
            yield
        except asyncio.CancelledError:
            self.run = replace(self.run, interrupted=True)
        except NeverblockError as error:
            raise type(error)(self.hide(error.what), self.hide(error.hint)) from None
        noise = meter.read(self.run.results)
        self.run = replace(self.run, environment={**self.run.environment, "noise": noise})
        self.publish()


def blank_run(
    target: str,
    criterion: Criterion,
    python: Interpreter | None,
    *,
    scale: float = 1.0,
    app_dir: Path | None = None,
) -> Run:
    """Give a run before anything is measured, with its environment and the time of its start.

    ``python`` serves the app, None where that is not known. ``app_dir`` is the app's folder: blamed
    files are written relative to it, and it relative to ``work_dir`` of the repository. The tier is
    that of no probe, until one has reported.
    """
    folder = {}
    if app_dir is not None:
        folder = {"app_dir": os.path.relpath(app_dir), "work_dir": work_dir(Path.cwd(), os.environ)}
    return Run(
        tool_version=installed("neverblock") or "unknown",
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        duration_s=0.0,
        target=target,
        scale=scale,
        criterion=criterion,
        environment={**environment(python), **folder, "tier": NO_PROBE},
        results=(),
    )
