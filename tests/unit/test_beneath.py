"""A stack whose own line calls something of a library's by another name in; its advice out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import SLEEP, stall

from neverblock.analysis.blame import blame
from neverblock.measurement import Frame, Stack
from neverblock.model import Diagnosis


def test_a_comprehension_is_told_by_what_it_calls():
    """The interpreter gives it a frame and a name of its own up to 3.11, and nobody else does."""
    outer = replace(SLEEP, call="[make(n) for n in rows]", target="app.db.load_user.<listcomp>")
    inner = replace(SLEEP, function="<listcomp>", call="make", target="ssl.create_default_context")
    (found,) = blame(
        [stall(0.0, 0.3, on_cpu_s=0.3, stacks=(Stack((inner, outer), 0.3, on_cpu=True),))],
        Diagnosis.BLOCKING_CPU,
        requests=1,
    )
    assert (found.function, found.target) == (SLEEP.function, "ssl.create_default_context")
    assert found.advice.instead.startswith("one SSL context")
    sums = replace(inner, call=None, target=None)
    (found,) = blame(
        [stall(0.0, 0.3, on_cpu_s=0.3, stacks=(Stack((sums, outer), 0.3, on_cpu=True),))],
        Diagnosis.BLOCKING_CPU,
        requests=1,
    )
    assert (found.call, found.target) == (outer.call, None)


@pytest.mark.parametrize(
    ("call", "file", "function", "instead"),
    [
        ("app.db.ask", "site-packages/tenacity/__init__.py", "wrapped_f", "the retry of an async"),
        ("builtins.list", "concurrent/futures/_base.py", "as_completed", "loop.run_in_executor"),
        ("builtins.list", "queue.py", "Queue.get", "asyncio.Queue"),
        ("time.sleep", "queue.py", "Queue.get", "asyncio.sleep"),
    ],
)
def test_a_call_without_advice_of_its_own_has_that_of_what_runs_beneath(
    call, file, function, instead
):
    """A decorator hides its library behind the user's name, a generator behind who goes on."""
    own = replace(SLEEP, call=call.rpartition(".")[2], target=call)
    inner = Frame(f"/usr/lib/python3.11/{file}", 7, function, "library")
    (found,) = blame(
        [stall(0.0, 0.3, off_cpu_s=0.3, stacks=(Stack((inner, own), 0.3, on_cpu=False),))],
        Diagnosis.BLOCKING_IO,
        requests=1,
    )
    assert found.advice.instead.startswith(instead)
