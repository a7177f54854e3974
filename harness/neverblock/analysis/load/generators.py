"""What became of the load generators of a load: who came, who was lost, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Told(StrEnum):
    """What was seen of a load generator."""

    CAME = "came"
    REFUSED = "refused"
    MISSING = "missing"
    BACK = "back"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to one load generator, and when; ``why`` is a sentence where one was told."""

    at_s: float
    worker: str
    what: Told
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Generators:
    """The load generators of a load: ``came`` of them made it, and ``missing`` says what of it is.

    ``missing`` is None where all of it came home, and ``notes`` are what else is to be said.
    """

    came: int = 1
    missing: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Life:
    number: int
    host: str
    missing: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    ended: bool = False

    @property
    def name(self) -> str:
        return f"load generator {self.number} on {self.host}"


def generators_of(
    events: Sequence[Event],
    *,
    from_s: float,
    cut_short: str | None = None,
    jumped: Iterable[str] = (),
) -> Generators:
    """Give what became of the generators of a load that began at ``from_s``.

    ``cut_short`` says why Locust ended before its time; ``jumped`` are those whose clock did.
    """
    if not events:  # Locust was one process
        return Generators(missing=cut_short and _kept(cut_short))
    lives = _lives(events)
    refused = [event.why for event in events if event.what is Told.REFUSED and event.why]
    lost = [
        f"{life.name} gave no sign of life from {seconds(max(0.0, life.missing[-1] - from_s))} on"
        for life in lives.values()
        if len(life.missing) > len(life.back)
    ]
    away = [
        f"{life.name} was cut off from {seconds(max(0.0, gone_s - from_s))} to "
        f"{seconds(max(0.0, back_s - from_s))}"
        for life in lives.values()
        for gone_s, back_s in zip(life.missing, life.back, strict=False)
    ]
    silent = [
        f"{life.name} did not send its last requests"
        for life in lives.values()
        if not life.ended and len(life.missing) == len(life.back) and cut_short is None
    ]
    wrong = [*([cut_short] if cut_short else []), *lost, *silent, *away]
    unclear = [
        f"The clock of {lives[worker].name} jumped: what its requests lost around then is not "
        "reckoned."
        for worker in dict.fromkeys(jumped)
        if worker in lives
    ]
    missing = _kept("; ".join(wrong)) if wrong else None
    return Generators(len(lives), missing, (*refused, *unclear))


def _kept(what: str) -> str:
    return f"The load is not whole: {what}. What had come home until then is counted."


def _lives(events: Sequence[Event]) -> dict[str, _Life]:
    lives: dict[str, _Life] = {}
    numbers: dict[str, int] = defaultdict(lambda: len(numbers) + 1)
    for event in events:
        if event.what is Told.CAME:
            host = event.worker.rpartition("_")[0] or event.worker
            lives.setdefault(event.worker, _Life(numbers[event.worker], host))
            continue
        life = lives.get(event.worker)
        if life is None:
            continue
        match event.what:
            case Told.MISSING:
                life.missing.append(event.at_s)
            case Told.BACK:
                life.back.append(event.at_s)
            case Told.ENDED:
                life.ended = True
    return lives
