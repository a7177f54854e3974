"""The smallest change that takes a blocking call off the loop, made of the app's own files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.analysis.advice import keeps_gil
from neverblock.analysis.fix import asleep, by_limiter, diff, in_thread, is_async_at, plain_def
from neverblock.model import Diagnosis
from neverblock.storage.source_lines import located, relative

if TYPE_CHECKING:
    from collections.abc import Callable

    from neverblock.measurement import Frame
    from neverblock.result import Advice, Blame
    from neverblock.storage.source_lines import Placed

    Rule = Callable[[str, Frame], str | None]

FRAMEWORKS = ("fastapi", "starlette")
"""These run a plain function of the app's in a thread."""


def fix_of(blame: Blame, diagnosis: Diagnosis, app_dir: Path) -> str:
    """Give a diff that keeps a blamed call off the loop; "" where no rule gives one.

    ``blame`` is as the probe saw it, with its files as they are named on this machine.
    """
    waits = diagnosis in {Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU}
    if not waits or any(keeps_gil(name) for name in (blame.target, blame.call) if name):
        return ""
    own = [frame for frame in blame.path if frame.owner == "project"]
    if own and blame.target == "time.sleep" and (made := _changed(own[0], app_dir, asleep)):
        return made
    for inner, outer in zip(blame.path, blame.path[1:], strict=False):
        entered = inner.owner == "project" and outer.owner != "project"
        runs_it = any(f"/{name}/" in outer.file for name in FRAMEWORKS)
        if entered and runs_it and (made := _changed(inner, app_dir, plain_def)):
            return made
    for frame in own:
        if (source := _read(frame.file)) and is_async_at(source, frame):
            return _changed(frame, app_dir, in_thread)
    return ""


def located_with_fix(blame: Placed, diagnosis: Diagnosis, app_dir: Path) -> Placed:
    """Give the same blame with its source, and with its advice as a diff where a rule gives one."""
    shown = located(blame, app_dir)
    if shown.advice is None:
        return shown
    made = fix_of(blame, diagnosis, app_dir)
    return replace(shown, advice=replace(shown.advice, diff=made))


def fix_of_queue(advice: Advice, place: Frame | None, app_dir: Path) -> Advice:
    """Give advice about the default executor with a diff, where a line that fills it is known."""
    if place is None or "default executor" not in advice.instead:
        return advice
    return replace(advice, diff=_changed(place, app_dir, by_limiter))


def _changed(frame: Frame, app_dir: Path, rule: Rule) -> str:
    """Apply a rule to the file of a frame, if that is the app's own."""
    file = relative(frame.file, app_dir)
    source = _read(frame.file)
    if source is None or Path(file).is_absolute():
        return ""
    made = rule(source, frame)
    return "" if made is None else diff(source, made, file)


def _read(file: str) -> str | None:
    """Give a file's text; None where it cannot be read, or where Python counts its lines otherwise.

    A form feed ends a line for ``splitlines`` and none for the parser.
    """
    try:
        source = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return source if source.splitlines() == source.removesuffix("\n").split("\n") else None
