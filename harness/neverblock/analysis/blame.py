"""Stalls in, places to blame out: the user's own line first, the whole path beneath it. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.analysis.advice import advice_of_library, advise, is_advised, is_known
from neverblock.analysis.callee import dotted_name
from neverblock.analysis.stalls import computing_s, gil_held_s, hands_over, waiting_s
from neverblock.model import Diagnosis
from neverblock.result import Blame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from neverblock.measurement import Frame, Stack, Stall
    from neverblock.model import Endpoint
    from neverblock.result import Advice

FRAMEWORK_NOTE = (
    "the framework works on the endpoint's behalf here (validation, encoding, rendering)"
)
GIL_NOTE = "a C call in another thread keeps the GIL, so the loop cannot turn"
_WITHIN = {"<lambda>", "<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>"}
_INSTALLED = ("site-packages", "dist-packages")
_WAITING = {Diagnosis.BLOCKING_IO, Diagnosis.SHORT_WAITS}
WORST = 5
"""More places than these would be read by nobody."""

NEGLIGIBLE = 0.1
"""Of the worst place's time; what held the loop for less is the ordinary cost of a request."""


def blame(
    stalls: Sequence[Stall],
    diagnosis: Diagnosis,
    *,
    requests: int,
    endpoint: Frame | None = None,
) -> tuple[Blame, ...]:
    """Give the places that held the loop in these stalls, worst first.

    ``requests`` were made meanwhile: each place's seconds are per request. ``endpoint`` is where
    the endpoint is defined, for work that the framework does on its behalf.
    Only what the diagnosis is about is blamed: waits for blocking I/O, computing for blocking
    CPU, the other thread's call for a held GIL. Any other diagnosis blames nobody.
    """
    home = package_of(endpoint)
    seen = [
        (stack.frames, held_s) for stall in stalls for stack, held_s in shares(stall, diagnosis)
    ]
    if diagnosis is Diagnosis.GIL_HELD and any(own_frame(frames, home) for frames, _ in seen):
        # Seen a moment late, a thread that kept the GIL hands its result to the loop already.
        seen = [(frames, held_s) for frames, held_s in seen if own_frame(frames, home)]
    # Each line with its own time, whichever way its call went on beneath.
    lines: dict[tuple[str, int, str | None], dict[tuple[Frame, ...], float]] = {}
    for frames, held_s in seen:
        found = place(frames, diagnosis, endpoint)
        call = None if found.note == FRAMEWORK_NOTE else found.call
        stacks = lines.setdefault((found.file, found.line, call), defaultdict(float))
        stacks[frames] += held_s
    places = [
        replace(
            place(max(stacks, key=lambda each: stacks[each]), diagnosis, endpoint),
            held_s=sum(stacks.values()) / requests,
        )
        for stacks in lines.values()
    ]
    ranked = sorted(into_bodies(places), key=lambda found: -found.held_s)[:WORST]
    return tuple(f for f in ranked if f.held_s > NEGLIGIBLE * ranked[0].held_s)


def into_bodies(places: Sequence[Blame]) -> list[Blame]:
    """Give what was seen at no call to the heaviest call of its line, or of its function's body.

    A definition stands for its body: a function that has just begun is at a position without a
    width.
    """
    kept: list[Blame] = []
    for found in sorted(places, key=lambda each: (each.call is None, -each.held_s)):
        at = next((at for at, each in enumerate(kept) if stands_for(found, each)), None)
        if at is None:
            kept.append(found)
        else:
            kept[at] = replace(kept[at], held_s=kept[at].held_s + found.held_s)
    return kept


def stands_for(found: Blame, other: Blame) -> bool:
    """Say whether a place that was seen at no call is the line or the body of another."""
    if found.call is not None or (found.file, found.function) != (other.file, other.function):
        return False
    return found.line == other.line or found.column == 0 == found.end_column


def shares(stall: Stall, diagnosis: Diagnosis) -> Iterator[tuple[Stack, float]]:
    """Give the stacks of a stall that a diagnosis is about, with the seconds each stands for."""
    if diagnosis is Diagnosis.GIL_HELD:
        if stall.culprit is not None and stall.culprit.frames and not stall.culprit.background:
            yield stall.culprit, min(gil_held_s(stall), stall.culprit.weight_s)
        return
    if diagnosis not in _WAITING | {Diagnosis.BLOCKING_CPU}:
        return
    on_cpu = diagnosis is Diagnosis.BLOCKING_CPU
    total_s = computing_s(stall) if on_cpu else waiting_s(stall)
    stacks = [s for s in stall.stacks if s.on_cpu == on_cpu] or list(stall.stacks)
    stacks = [s for s in stacks if s.frames and not hands_over(s) and not s.background]
    weight_s = sum(s.weight_s for s in stacks)
    for stack in stacks:
        yield stack, total_s * stack.weight_s / weight_s


def place(frames: tuple[Frame, ...], diagnosis: Diagnosis, endpoint: Frame | None) -> Blame:
    """Give the headline of a stack: its innermost frame of the user's project.

    Where no frame is the project's, the framework worked for the endpoint: its definition stands
    for that, with the innermost call of the framework and a note.
    """
    own = own_frame(frames, package_of(endpoint))
    frame = own or _entry(frames, diagnosis)
    if own is None and endpoint is not None:
        frame = replace(endpoint, call=frame.call, target=frame.target)
    note = GIL_NOTE if diagnosis is Diagnosis.GIL_HELD else None if own else FRAMEWORK_NOTE
    return Blame(
        file=frame.file,
        line=frame.line,
        function=frame.function,
        call=frame.call,
        held_s=0.0,
        on_cpu=diagnosis not in _WAITING,
        advice=_called_back(frames, own, diagnosis)
        or _beneath(frames, own, diagnosis)
        or advise(frame.target, frame.call, diagnosis, frame.function),
        target=frame.target,
        column=frame.column,
        end_line=frame.end_line,
        end_column=frame.end_column,
        path=frames,
        note=note,
    )


def _called_back(
    frames: tuple[Frame, ...], own: Frame | None, diagnosis: Diagnosis
) -> Advice | None:
    """Give the advice on the library's call that calls a waiting function of the user's back.

    A logging handler or a template's function can await nothing, whatever it waits for.
    """
    if own is None or diagnosis not in _WAITING:
        return None
    outer = frames[_at(frames, own) + 1 :]
    if not outer or outer[0].owner not in {"library", "stdlib"}:
        return None
    caller = next((frame for frame in outer if frame.owner == "project"), None)
    return None if caller is None else advice_of_library(caller.target, diagnosis)


def _beneath(frames: tuple[Frame, ...], own: Frame | None, diagnosis: Diagnosis) -> Advice | None:
    """Give the advice on the library's function that runs beneath a call which has none itself.

    A decorator gives a function of the user's name, and ``list`` goes through a generator.
    """
    if own is None or is_advised(own.target, own.call, diagnosis):
        return None
    inner = frames[: _at(frames, own)]
    if not inner or inner[-1].owner not in {"library", "stdlib"}:
        return None
    return advice_of_library(dotted_name(inner[-1]), diagnosis)


def _at(frames: tuple[Frame, ...], own: Frame) -> int:
    place = (own.file, own.line, own.function)
    return next(n for n, f in enumerate(frames) if (f.file, f.line, f.function) == place)


def line_in(endpoint: Frame | None, waits: Sequence[tuple[Frame, int]]) -> Frame | None:
    """Give the line of an endpoint at which its requests were seen waiting, else its definition."""
    if endpoint is None:
        return None
    place = (endpoint.file, endpoint.function)
    return next((frame for frame, _ in waits if (frame.file, frame.function) == place), endpoint)


def _entry(frames: tuple[Frame, ...], diagnosis: Diagnosis) -> Frame:
    """Give the frame that calls what there is advice for, else the innermost one."""
    known = (frame for frame in reversed(frames) if is_known(frame.target, diagnosis))
    return next(known, frames[0])


def package_of(endpoint: Frame | None) -> str:
    """Give the folder of the installed package that an endpoint is defined in, else nothing.

    An app may be a wrapper of two lines around a package: its handlers are the user's code then.
    """
    if endpoint is None or endpoint.owner == "project":
        return ""
    for folder in _INSTALLED:
        before, found, below = endpoint.file.partition(f"/{folder}/")
        if found:
            return f"{before}{found}{below.partition('/')[0]}"
    return ""


def own_frame(frames: tuple[Frame, ...], home: str = "") -> Frame | None:
    """Give the innermost frame of the user's code, if there is one.

    What only passes a request on to the framework (a middleware's ``await self.app(...)``, and
    another of the user's that awaits this one) is not what works there.
    """
    inner: Frame | None = None
    owned: Frame | None = None
    passing = False
    for frame in frames:
        if owned is not None:
            if not _is_within(owned, frame):
                return owned
            if frame.target is not None and frame.target.endswith(f".{_last_name(owned)}"):
                frame = _through(owned, frame)  # noqa: PLW2901 - stands for both
            owned = None
        own = frame.owner == "project" or (home and _below(frame.file, home))
        called_on = passing and _is_called(frame)
        passing = bool(own) and (called_on or (inner is not None and _is_passed_to(inner)))
        if own and not passing:
            owned = frame
        inner = frame
    return owned


def _is_within(frame: Frame, outer: Frame) -> bool:
    """Say whether a frame is of an expression on the line of its caller, such as a generator's."""
    at_once = (frame.file, frame.line) == (outer.file, outer.line)
    return at_once and _last_name(frame) in _WITHIN


def _last_name(frame: Frame) -> str:
    return frame.function.rpartition(".")[2]


def _through(frame: Frame, outer: Frame) -> Frame:
    """Give a caller's frame at what the comprehension on its line calls, if that calls anything."""
    if frame.call is None:
        return replace(outer, target=None)
    return replace(frame, function=outer.function)


def _is_passed_to(inner: Frame) -> bool:
    """Say whether a frame is an ASGI app of the framework's, called from outside of it."""
    return inner.owner == "framework" and _is_called(inner)


def _is_called(frame: Frame) -> bool:
    return _last_name(frame) == "__call__"


def _below(file: str, home: str) -> bool:
    return file == home or file.startswith(f"{home}/")


def headline(endpoint: Endpoint, blame: Blame) -> str:
    """Give a finding in one line: the route, and the place as ``written_place`` writes it."""
    return f"{endpoint.method} {endpoint.path}: {written_place(blame)}"


def written_place(blame: Blame) -> str:
    """Give a blamed place as every format writes it: the user's own frame, and the call it made.

    ``app/db.py:41 load_user -> requests.get``. What is called goes by its full name where it is
    known, else as the source has it. Says so where it was not the endpoint's own code that called:
    the framework on its behalf, or another thread.
    """
    text = f"{blame.file}:{blame.line} {blame.function}"
    if called := blame.target or blame.call:
        text += f" -> {called}"
    where = {FRAMEWORK_NOTE: " (in the framework)", GIL_NOTE: " (in another thread)"}
    return text + where.get(blame.note or "", "")
