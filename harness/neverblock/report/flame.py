"""What held the loop, as a tree of calls: the samples of the stretches in which it did not turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.storage.source_lines import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from neverblock.measurement import Stack
    from neverblock.result import Result, Run

NO_REQUEST = "no request"
OTHER_THREAD = "another thread, with the GIL"


@dataclass(frozen=True, slots=True)
class Step:
    """One level of a stack: what ran, and where."""

    name: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        """Give it as it is labelled."""
        return f"{self.name} {self.file}:{self.line}" if self.file else self.name


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled stack, outermost step first, and for how long it stands."""

    steps: tuple[Step, ...]
    held_s: float
    on_cpu: bool


@dataclass(slots=True)
class Node:
    """A call in the tree: for how long it held the loop, computing or not, now and before.

    ``before_s`` is of the run that is compared with, 0 where there is none.
    """

    step: Step
    held_s: float = 0.0
    computing_s: float = 0.0
    before_s: float = 0.0
    below: dict[Step, Node] = field(default_factory=dict)

    @property
    def weight_s(self) -> float:
        """Give what its width stands for: both runs together."""
        return self.held_s + self.before_s

    def add(self, sample: Sample, *, before: bool) -> None:
        """Add a sample along its whole path."""
        node = self
        for step in (None, *sample.steps):
            if step is not None:
                node = node.below.setdefault(step, Node(step))
            if before:
                node.before_s += sample.held_s
            else:
                node.held_s += sample.held_s
                node.computing_s += sample.held_s * sample.on_cpu


def tree(samples: Iterable[Sample], before: Iterable[Sample] = ()) -> Node:
    """Put samples together by the calls they share, beside those of an earlier run."""
    root = Node(Step("the loop was held"))
    for sample in samples:
        root.add(sample, before=False)
    for sample in before:
        root.add(sample, before=True)
    return root


def held(result: Result, folder: str = "", *, background: bool = False) -> Iterator[Sample]:
    """Yield what held the loop while one result was measured, in the app's ``folder``.

    What no request ran is no endpoint's, and is left out but for ``background``.
    """
    m = result.measurement
    if m is None or m.loop is None:
        return
    for stall in m.loop.stalls:
        for stack in (*stall.stacks, *([stall.culprit] if stall.culprit else [])):
            if stack.weight_s <= 0 or not stack.frames or (stack.background and not background):
                continue
            above = [Step(OTHER_THREAD)] * (stack is stall.culprit)
            above += [Step(NO_REQUEST)] * stack.background
            steps = (*above, *_steps(stack, folder))
            yield Sample(steps, stack.weight_s, stack.on_cpu)


def held_in_run(run: Run) -> Iterator[Sample]:
    """Yield what held the loop in a whole run, beneath the endpoint that it belongs to."""
    for result in run.results:
        name = Step(result.endpoint.name)
        for sample in held(result, folder_of(run), background=True):
            apart = sample.steps[0].name == NO_REQUEST
            steps = sample.steps if apart else (name, *sample.steps)
            yield Sample(steps, sample.held_s, sample.on_cpu)


def folder_of(run: Run) -> str:
    """Give the app's folder, as the run has it."""
    folder = run.environment.get("app_dir", "")
    return folder if isinstance(folder, str) else ""


def _steps(stack: Stack, folder: str) -> Iterator[Step]:
    """Yield a stack's steps from the project's own first frame on, and last what that called."""
    frames = list(reversed(stack.frames))
    first = next((at for at, frame in enumerate(frames) if frame.owner == "project"), 0)
    for frame in frames[first:]:
        yield Step(frame.function, _file(frame.file, folder), frame.line)
    if frames[-1].owner == "project" and (called := frames[-1].target or frames[-1].call):
        yield Step(called)


@lru_cache(maxsize=1024)
def _file(file: str, folder: str) -> str:
    file = relative(file, Path(folder))
    return "/".join(Path(file).parts[-2:]) if Path(file).is_absolute() else file
