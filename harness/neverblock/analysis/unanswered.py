"""What held the loop while a request got no answer: a judgement without a measurement. Pure.

An endpoint that holds the loop for longer than anybody waits is the worst that there is, and gives
no figure of a burst. What was seen of the loop meanwhile is judged by the limits of any other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from neverblock.analysis.blame import blame, place
from neverblock.analysis.holds import Holds
from neverblock.analysis.judge import LEAST, VERDICTS, erroring, held_too_long
from neverblock.analysis.measure import holds
from neverblock.analysis.samples import Range
from neverblock.model import CheckState, Diagnosis
from neverblock.result import Checks, Judgement
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.measurement import Frame, Stall
    from neverblock.result import Blame, Criterion

HELD = Checks(CheckState.FAIL, CheckState.FAIL, CheckState.FAIL)

DOING = {
    Diagnosis.BLOCKING_IO: "waited on the loop for {}",
    Diagnosis.BLOCKING_CPU: "computed on the loop for {} at once",
    Diagnosis.GIL_HELD: "kept the GIL from the loop for {} at once, in another thread",
}


class Ending(NamedTuple):
    """What is concluded of an endpoint that was not measured to the end, and what it blames."""

    judgement: Judgement
    blame: tuple[Blame, ...] = ()


def held_without_answer(
    stalls: Sequence[Stall], criterion: Criterion, waited_s: float, requests: int
) -> Ending | None:
    """Judge what held the loop in the time of some requests that got no answer.

    ``waited_s`` is for how long an answer was waited for. None where the requests' code kept within
    the limits: then it was something else that kept the answer.
    """
    seen = holds(stalls, 1)
    figures = Holds(
        waiting_s=Range(seen.waiting_s - seen.unsure_s, seen.waiting_s),
        waiting_share=Range(0.0, 0.0),  # of a request without an end there is no share
        computing_s=Range(seen.longest_computing_s, seen.longest_computing_s),
        gil_held_s=Range(seen.longest_gil_held_s, seen.longest_gil_held_s),
    )
    diagnosis = held_too_long(figures, criterion, LEAST)
    if diagnosis is None:
        return None
    held_s = {
        Diagnosis.BLOCKING_IO: seen.waiting_s,
        Diagnosis.BLOCKING_CPU: seen.longest_computing_s,
        Diagnosis.GIL_HELD: seen.longest_gil_held_s,
    }[diagnosis]
    return _ending(diagnosis, held_s, waited_s, blame(stalls, diagnosis, requests=requests))


def hung(
    stack: tuple[Frame, ...],
    criterion: Criterion,
    waited_s: float,
    silent_s: float,
    wanted_s: float,
) -> Ending:
    """Judge a server that answered nobody any more, by where its loop stood at the end.

    ``silent_s`` is for how long it was asked in vain; for ``wanted_s`` of that it computed, or
    wanted a core to. Without a stack nothing says that the loop was held, and it is an error.
    """
    if not stack or silent_s <= criterion.loop_limit_s:
        gone = f"no answer within {seconds(waited_s)}, and the server answers nobody since"
        return Ending(erroring(f"{gone}; serve the app by hand to see where it stands"))
    diagnosis = Diagnosis.BLOCKING_CPU if 2 * wanted_s > silent_s else Diagnosis.BLOCKING_IO
    found = replace(place(stack, diagnosis, None), held_s=waited_s + silent_s)
    since = f", and none in the {seconds(silent_s)} after that"
    return _ending(diagnosis, waited_s + silent_s, waited_s, (found,), since)


def _ending(
    diagnosis: Diagnosis,
    held_s: float,
    waited_s: float,
    places: tuple[Blame, ...],
    since: str = "",
) -> Ending:
    did = DOING[diagnosis].format(seconds(held_s))
    why = f"blocks the event loop: no answer within {seconds(waited_s)}{since}; it {did}"
    return Ending(Judgement(HELD, VERDICTS[diagnosis], diagnosis, why), places)
