"""The smallest change that takes a blocking call off the loop, made of the app's own files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.analysis.advice import advise, leaves_gil, wants_no_thread
from neverblock.analysis.fix import (
    asleep,
    by_limiter,
    diff,
    in_thread,
    is_async_at,
    is_plain_at,
    is_repeated,
    plain_def,
)
from neverblock.analysis.fix_advice import (
    ASLEEP,
    BY_LIMITER,
    IN_THREAD,
    PLAIN_DEF,
    Change,
    changed_advice,
)
from neverblock.measurement import Frame
from neverblock.model import Diagnosis
from neverblock.storage.source_lines import located, relative

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.result import Advice, Blame
    from neverblock.storage.source_lines import Placed

    Rule = Callable[[str, Frame], str | None]

RULES: dict[Change, Rule] = {
    ASLEEP: asleep,
    PLAIN_DEF: plain_def,
    IN_THREAD: in_thread,
    BY_LIMITER: by_limiter,
}
"""Each change with the rule that makes it."""

FRAMEWORKS = ("fastapi", "starlette")
"""These run a plain function of the app's in a thread."""


@dataclass(frozen=True, slots=True)
class Fix:
    """A diff of one file of the app's, and what it does."""

    change: Change
    diff: str


def fix_of(blame: Blame, diagnosis: Diagnosis, app_dir: Path) -> Fix | None:
    """Give a change that keeps a blamed call off the loop; None where no rule gives one.

    ``blame`` is as the probe saw it, with its files as they are named on this machine.
    """
    waits = diagnosis in {Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU}
    own = [frame for frame in blame.path if frame.owner == "project"]
    called = {blame.target, blame.call, *(frame.target for frame in own)}
    if not waits or any(wants_no_thread(name, diagnosis) for name in called if name):
        return None
    if own and blame.target == "time.sleep" and (made := _changed(own[0], app_dir, ASLEEP)):
        return made
    for inner, outer in zip(blame.path, blame.path[1:], strict=False):
        entered = inner.owner == "project" and outer.owner != "project"
        runs_it = any(f"/{name}/" in outer.file for name in FRAMEWORKS)
        if entered and runs_it and (made := _changed(inner, app_dir, PLAIN_DEF)):
            return made
    for frame in own:
        if (source := _read(frame.file)) and is_async_at(source, frame):
            # A hand-over for each of many short calls costs more than they take.
            many = diagnosis is Diagnosis.BLOCKING_CPU and is_repeated(source, frame)
            return None if many else _changed(frame, app_dir, IN_THREAD)
    return None


def located_with_fix(blame: Placed, diagnosis: Diagnosis, app_dir: Path) -> Placed:
    """Give the same blame with its source, and with its advice as a diff where a rule gives one.

    The words of the advice are then those of the diff; an example names a function as it is.
    """
    shown = located(blame, app_dir)
    if shown.advice is None:
        return shown
    advice = _naming(blame, shown.advice, diagnosis)
    if made := fix_of(blame, diagnosis, app_dir):
        computes = diagnosis is Diagnosis.BLOCKING_CPU
        shares_gil = computes and not leaves_gil(blame.target, blame.call)
        advice = changed_advice(advice, made.change, made.diff, shares_gil=shares_gil)
    return replace(shown, advice=advice)


def fix_of_queue(advice: Advice, place: Frame | None, app_dir: Path) -> Advice:
    """Give advice about the default executor with a diff, where a line that fills it is known."""
    if place is None or "default executor" not in advice.instead:
        return advice
    made = _changed(place, app_dir, BY_LIMITER)
    return changed_advice(advice, made.change, made.diff, shares_gil=False) if made else advice


def _naming(blame: Blame, advice: Advice, diagnosis: Diagnosis) -> Advice:
    """Give general advice that names the blamed function where that can be handed over itself."""
    frame = Frame(blame.file, blame.line, blame.function, "project")
    said = (blame.target, blame.call, diagnosis, blame.function)
    if blame.note is not None or advice != advise(*said):
        return advice
    source = _read(blame.file)
    if source is None or not is_plain_at(source, frame):
        return advice
    return advise(*said, plain=True) or advice


def _changed(frame: Frame, app_dir: Path, change: Change) -> Fix | None:
    """Apply the rule of a change to the file of a frame, if that is the app's own."""
    file = relative(frame.file, app_dir)
    source = _read(frame.file)
    if source is None or Path(file).is_absolute():
        return None
    made = RULES[change](source, frame)
    return None if made is None else Fix(change, diff(source, made, file))


def _read(file: str) -> str | None:
    """Give a file's text; None where it cannot be read, or where Python counts its lines otherwise.

    A form feed ends a line for ``splitlines`` and none for the parser.
    """
    try:
        source = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return source if source.splitlines() == source.removesuffix("\n").split("\n") else None
