"""What to use instead of the call that held the loop.

The knowledge is data, in ``harness/neverblock/analysis/replacements/*.toml``. An entry there has

- ``calls``: resolved dotted names; each speaks for everything beneath it, and the longest wins;
- ``written``: how such a call is spelled where its name could not be resolved (``lock.acquire``);
- ``diagnoses``: under which it applies; by default where the loop's thread was blocked. An entry
  listing ``gil-held`` is of a call that keeps the GIL, so that it recommends no thread;
- ``leaves_gil``: true of a call that computes outside of the GIL, so that a thread is enough;
- ``no_thread``: true of a call that a thread makes no better: what is to be made once for all
  requests, or what takes a lock of its own;
- ``instead``, ``code`` and ``why``: the advice.

An entry with neither ``calls`` nor ``written`` is the general advice of its diagnoses. A
``blocking_call`` in an entry's code gives way to the call that was seen where that can run in a
thread or a process, else to the name of a function that is to be written: what cannot work is never
printed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from neverblock.analysis.callee import Callee, asynchronous_at, callee_of, plain_name
from neverblock.model import Diagnosis
from neverblock.result import Advice

BLOCKED = ("blocking-io", "blocking-cpu", "short-waits")
"""The diagnoses of an entry that names none."""


PLACEHOLDER = "blocking_call"
"""What stands for the callee in the code of general advice."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of advice, and the calls and diagnoses that it is for."""

    calls: tuple[str, ...]
    written: tuple[str, ...]
    diagnoses: frozenset[Diagnosis]
    advice: Advice
    leaves_gil: bool = False
    no_thread: bool = False


def advise(
    target: str | None,
    call: str | None,
    diagnosis: Diagnosis,
    function: str | None = None,
    *,
    plain: bool = False,
) -> Advice | None:
    """Give the replacement of a call, else what the diagnosis recommends, else None.

    ``target`` is the resolved dotted name of the call that held the loop
    (``psycopg2.extensions.cursor.execute``), ``call`` its source text (``cur.execute``), which
    decides only where the target does not. ``function`` is the qualified name of the function that
    makes the call: general advice names it where the call itself can be moved nowhere, as it is
    where it is ``plain``, a def at the top of its module.
    """
    entries = _entries_of(diagnosis)
    general = next((each for each in entries if not each.calls and not each.written), None)
    found = _of_call(entries, target, call) or general
    return None if found is None else _filled(found.advice, target, call, function, plain=plain)


def advice_of_library(target: str | None, diagnosis: Diagnosis) -> Advice | None:
    """Give what is advised about a call by its resolved name; None where no entry has that."""
    entries = _entries_of(diagnosis)
    found = _by_name(entries, target or "")
    return None if found is None else _filled(found.advice, target, target, None, plain=False)


def is_known(target: str | None, diagnosis: Diagnosis) -> bool:
    """Say whether a call has advice of its own, by a name of more than its package."""
    entries = _entries_of(diagnosis)
    exact = [
        replace(entry, calls=tuple(call for call in entry.calls if "." in call))
        for entry in entries
    ]
    return _by_name(exact, target or "") is not None


def keeps_gil(name: str) -> bool:
    """Say whether a call is known to keep the GIL, so that a thread does not help."""
    entries = _entries_of(Diagnosis.GIL_HELD)
    return _by_name(entries, name) is not None


def wants_no_thread(name: str, diagnosis: Diagnosis) -> bool:
    """Say whether a call is known to be no better in a thread, whether it keeps the GIL or not."""
    entries = _entries_of(diagnosis)
    found = _by_name(entries, name)
    return keeps_gil(name) or (found is not None and found.no_thread)


def _entries_of(diagnosis: Diagnosis) -> list[Entry]:
    return [entry for entry in load_entries() if diagnosis in entry.diagnoses]


def is_advised(target: str | None, call: str | None, diagnosis: Diagnosis) -> bool:
    """Say whether there is advice for a call itself, and not only what its diagnosis recommends."""
    entries = _entries_of(diagnosis)
    return _of_call(entries, target, call) is not None


def leaves_gil(target: str | None, call: str | None) -> bool:
    """Say whether a call is known to compute outside of the GIL, so that a thread is enough."""
    entries = _entries_of(Diagnosis.BLOCKING_CPU)
    found = _of_call(entries, target, call)
    return found is not None and found.leaves_gil


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
            leaves_gil=raw.get("leaves_gil", False),
            no_thread=raw.get("no_thread", False),
        )
        for table in tables
        for raw in tomllib.loads(table.read_text(encoding="utf-8"))["entry"]
    )


def _of_call(entries: list[Entry], target: str | None, call: str | None) -> Entry | None:
    """Find the entry of a call by its resolved name, else by how it is written."""
    text = _without_arguments(call or "")
    found = _by_name(entries, target or "")
    if not found and not asynchronous_at(target or ""):
        found = (
            _by_name(entries, text)
            or _by_name(entries, f"builtins.{text}")
            or _by_spelling(entries, text)
        )
    return found


def _by_name(entries: list[Entry], name: str) -> Entry | None:
    """Find the entry with the longest dotted prefix of a name.

    A prefix that ends before the asynchronous part of a name (``redis`` in ``redis.asyncio.Redis``)
    speaks of the synchronous half of the library, and does not count.
    """
    parts = name.split(".")
    for length in range(len(parts), max(asynchronous_at(name), 1) - 1, -1):
        prefix = ".".join(parts[:length])
        for entry in entries:
            if prefix in entry.calls:
                return entry
    return None


def _by_spelling(entries: list[Entry], text: str) -> Entry | None:
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
                return entry
    return None


def _filled(
    advice: Advice,
    target: str | None,
    call: str | None,
    function: str | None,
    *,
    plain: bool,
) -> Advice:
    """Give advice whose code has a callee that can run where it says."""
    if PLACEHOLDER not in advice.code:
        return advice
    to_process = "process_pool" in advice.code
    kind = callee_of(target, call)
    if kind is Callee.FUNCTION or (kind is Callee.METHOD and not to_process):
        return replace(advice, code=advice.code.replace(PLACEHOLDER, call or PLACEHOLDER))
    if plain and function:
        how = f"{function}() is a plain function at module level already: hand it over as it is."
        code = advice.code.replace(PLACEHOLDER, function)
        return replace(advice, code=code, why=f"{how} {advice.why}")
    inner, outer = plain_name(call), plain_name(function)
    if kind is Callee.METHOD and inner:
        name = inner
        how = f"A process finds a function by module and name: move the work of {call} into"
    else:
        name = f"{outer}_sync" if outer else PLACEHOLDER
        how = f"Move the part{f' of {outer}()' if outer else ''} that blocks into"
        if kind is Callee.COROUTINE:
            how = f"What is awaited runs in no thread or process. {how}"
    written = (
        f"a plain function at module level, {name}." if to_process else f"a plain def, {name}."
    )
    return replace(
        advice, code=advice.code.replace(PLACEHOLDER, name), why=f"{how} {written} {advice.why}"
    )


def _without_arguments(call: str) -> str:
    """Reduce a call to its dotted text: ``open(path).read()`` becomes ``open.read``."""
    text, rest = "", call.strip().removeprefix("await ").strip()
    while text != rest:
        text, rest = rest, re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", rest)
    return text
