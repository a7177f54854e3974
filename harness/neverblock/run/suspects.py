"""Suspects at the edges of a check: their files found, their handlers fetched, the run joined."""

from __future__ import annotations

import json
import math
import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from neverblock.analysis.suspects.routes import Handler, routes_of
from neverblock.analysis.suspects.states import Lineup, judge_suspects
from neverblock.config.secret import redact
from neverblock.probe.config import HANDLERS_PATH
from neverblock.storage.source_lines import relative

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from neverblock.plan import Suspect
    from neverblock.run.log import Log
    from neverblock.run.order import Order
    from neverblock.run.served import Served

FETCH_TIMEOUT_S = 60.0
"""As for the app's document: an app may have thousands of routes."""


def marks_of(suspects: Iterable[Suspect]) -> tuple[tuple[str, int], ...]:
    """Give the lines that the probe has to mark, each once: those whose files were found."""
    places = dict.fromkeys((each.file, each.line) for each in suspects)
    return tuple((file, line) for file, line in places if Path(file).is_absolute())


def found_here(suspects: Iterable[Suspect], app_dir: Path) -> tuple[Suspect, ...]:
    """Give suspects with the files of their places as this machine has them, each place once.

    A relative file is looked for in the working folder, in the app's, and above that within its
    repository. A file of another machine, such as a CI's checkout, is known by the end of its
    path. What is not found stays as it is.
    """
    folders = (Path(), *_up_to_the_repository(app_dir.resolve()))

    @cache
    def located(file: str) -> str:
        names = [Path(file)]
        if Path(file).is_absolute() and not Path(file).is_file():
            names = [Path(*names[0].parts[at:]) for at in range(1, len(names[0].parts))]
        for name in names:
            for folder in folders:
                if (folder / name).is_file():
                    return os.path.realpath(folder / name)
        return file

    return tuple(
        dict.fromkeys(
            replace(
                each,
                file=located(each.file),
                chain=tuple((located(file), line) for file, line in each.chain),
            )
            for each in suspects
        )
    )


def _up_to_the_repository(folder: Path) -> tuple[Path, ...]:
    """Give a folder and those above it in its repository; itself where it is in none."""
    above = (folder, *folder.parents)
    last = next((at for at, each in enumerate(above) if (each / ".git").exists()), 0)
    return above[: last + 1]


async def fetch_handlers(order: Order, served: Served) -> tuple[Handler, ...]:
    """Give the functions that the app registers for its routes, where suspects need them.

    Empty where the app has no routes that can be read: which ones reach a suspect is then unknown.
    """
    if not order.suspects:
        return ()
    base_url = served.observer.server.base_url
    async with httpx.AsyncClient(timeout=FETCH_TIMEOUT_S, trust_env=False) as client:
        try:
            response = await client.get(base_url + HANDLERS_PATH)
            listed = json.loads(response.content) if response.is_success else []
        except (httpx.HTTPError, ValueError):
            return ()
    return _handlers(listed)


def _handlers(listed: list[tuple[str, str, int, int]]) -> tuple[Handler, ...]:
    """Give handlers as the probe lists them, their files as suspects have them."""
    return tuple(Handler(name, os.path.realpath(file), *lines) for name, file, *lines in listed)


def line_up(order: Order, served: Served, handlers: Sequence[Handler], log: Log) -> None:
    """Put the state of every suspect into the run, by all that was measured so far."""
    if order.suspects is None:
        return
    observer, marks = served.observer, order.target.marks
    complaint = observer.marking_complaint() if marks else None
    ran, spent = {}, {}
    for name, span in log.spans.items():
        counts = observer.ran(*span) or {}
        ran[name] = {marks[number]: count for number, count in counts.items()}
        spent[name] = {marks[number]: each for number, each in observer.spent(*span).items()}
    app_dir = order.target.app_dir
    lineup = Lineup(
        order.suspects,
        tuple(routes_of(each, handlers) for each in order.suspects),
        ran if complaint is None else None,
        spent,
        complaint,
        frozenset(marks[number] for number in observer.ran_at_least()),
        frozenset(marks[number] for number in observer.ran(-math.inf, math.inf) or ()),
        cache(lambda file: relative(file, app_dir)),
    )
    judged = judge_suspects(log.run, lineup)
    shown = tuple(replace(each, why=redact(each.why, log.secrets)) for each in judged)
    log.run = replace(log.run, suspects=shown)
