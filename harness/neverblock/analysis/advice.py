"""What to use instead of the call that held the loop.

The knowledge is data, in ``harness/neverblock/analysis/replacements/*.toml``. An entry there has

- ``calls``: resolved dotted names; each speaks for everything beneath it, and the longest wins;
- ``written``: how such a call is spelled where its name could not be resolved (``lock.acquire``);
- ``diagnoses``: under which it applies; by default where the loop's thread was blocked. An entry
  listing ``gil-held`` is of a call that keeps the GIL, so that it recommends no thread;
- ``instead``, ``code`` and ``why``: the advice.

An entry with neither ``calls`` nor ``written`` is the general advice of its diagnoses.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from neverblock.model import Diagnosis
from neverblock.result import Advice

BLOCKED = (Diagnosis.BLOCKING_IO.value, Diagnosis.BLOCKING_CPU.value)
"""The diagnoses of an entry that names none."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of advice, and the calls and diagnoses that it is for."""

    calls: tuple[str, ...]
    written: tuple[str, ...]
    diagnoses: frozenset[Diagnosis]
    advice: Advice


def advise(target: str | None, call: str | None, diagnosis: Diagnosis) -> Advice | None:
    """Give the replacement of a call, else what the diagnosis recommends, else None.

    ``target`` is the resolved dotted name of the call that held the loop
    (``psycopg2.extensions.cursor.execute``), ``call`` its source text (``cur.execute``), which
    decides only where the target does not.
    """
    entries = [entry for entry in load_entries() if diagnosis in entry.diagnoses]
    text = _without_arguments(call or "")
    found = _by_name(entries, target or "")
    if not found and not _asynchronous_at(target or ""):
        found = (
            _by_name(entries, text)
            or _by_name(entries, f"builtins.{text}")
            or _by_spelling(entries, text)
        )
    return found or _general(entries, call or "")


@cache
def load_entries() -> tuple[Entry, ...]:
    """Read the whole table, in the order of its files' names."""
    tables = sorted(
        (file for file in files("neverblock.analysis").joinpath("replacements").iterdir()),
        key=lambda file: file.name,
    )
    return tuple(
        Entry(
            calls=tuple(raw["calls"]),
            written=tuple(raw.get("written", ())),
            diagnoses=frozenset(map(Diagnosis, raw.get("diagnoses", BLOCKED))),
            advice=Advice(raw["instead"], raw["code"], raw["why"]),
        )
        for table in tables
        for raw in tomllib.loads(table.read_text(encoding="utf-8"))["entry"]
    )


def _by_name(entries: list[Entry], name: str) -> Advice | None:
    """Find the entry with the longest dotted prefix of a name.

    A prefix that ends before the asynchronous part of a name (``redis`` in ``redis.asyncio.Redis``)
    speaks of the synchronous half of the library, and does not count.
    """
    parts = name.split(".")
    for length in range(len(parts), max(_asynchronous_at(name), 1) - 1, -1):
        prefix = ".".join(parts[:length])
        for entry in entries:
            if prefix in entry.calls:
                return entry.advice
    return None


def _asynchronous_at(name: str) -> int:
    """Count the segments of a name up to the one that marks its library's asynchronous half.

    Zero where there is none: ``redis.asyncio.Redis`` gives 2, ``redis.Redis`` 0.
    """
    for at, part in enumerate(name.split("."), 1):
        if part in {"aio", "asyncio", "asynchronous"} or part.endswith("_async"):
            return at
        if part.startswith("Async"):
            return at
    return 0


def _by_spelling(entries: list[Entry], text: str) -> Advice | None:
    """Find the entry that is spelled like the end of a call (``self._lock.acquire``).

    The method must agree exactly and the receiver by its ending (``row_lock`` is a ``lock``);
    a spelling without a receiver stands for a bare function, or for a method of any receiver
    where its name has an underscore and so is hardly anything else.
    """
    receiver, _, method = text.lower().rpartition(".")
    for entry in entries:
        for spelling in entry.written:
            wanted, _, name = spelling.rpartition(".")
            alike = receiver.endswith(wanted) if wanted else not receiver or "_" in name
            if method == name and alike:
                return entry.advice
    return None


def _general(entries: list[Entry], call: str) -> Advice | None:
    """Give the advice of the diagnosis itself, with the call put in where it is a plain name."""
    for entry in entries:
        if not entry.calls and not entry.written:
            code = entry.advice.code
            if all(part.isidentifier() for part in call.split(".")):
                code = code.replace("blocking_call", call)
            return replace(entry.advice, code=code)
    return None


def _without_arguments(call: str) -> str:
    """Reduce a call to its dotted text: ``open(path).read()`` becomes ``open.read``."""
    text, rest = "", call.strip().removeprefix("await ").strip()
    while text != rest:
        text, rest = rest, re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", rest)
    return text
