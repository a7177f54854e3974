"""What a canned run is made of: records, pings, stalls, figures and blame, from a few numbers."""

# ruff: noqa: PLR0913, S311 - builders of data; noise is no secret
from __future__ import annotations

from random import Random

from neverblock.measurement import (
    CanaryFigures,
    Executors,
    Frame,
    HoldFigures,
    LoopFigures,
    Measurement,
    Stack,
    Stall,
)
from neverblock.model import Machine, Ping, Record
from neverblock.result import Blame


def records(n, solo_s, start_s, *, serial, status=200, error=None):
    """Make n records released together: one after another, or side by side."""
    noise = Random(n)
    out = []
    for seq in range(n):
        sent = start_s + 0.0004 * seq
        took = solo_s * (seq + 1 if serial else 1) + noise.uniform(0.001, 0.02) * solo_s
        done = sent + took
        out.append(Record(seq, sent, None if error else done - 0.0002, done, status, error, "9f2a"))
    return tuple(out)


def canary(start_s, wall_s, *, frozen, interval_s=0.05):
    """Make the pings of one window; where the loop is frozen each waits for the next beat."""
    noise = Random(3)
    pings = []
    step = wall_s / 10
    for number in range(max(1, int(wall_s / interval_s))):
        meant = start_s + number * interval_s
        wait = 0.0015 + noise.uniform(0, 0.001)
        if frozen:
            wait += (
                wall_s - number * interval_s if wall_s < 3 else step - (number * interval_s) % step
            )
        lost = frozen and wall_s > 9 and number == 4
        pings.append(Ping(meant, None if lost else meant + wait, not lost))
    waits = sorted(p.done_s - p.meant_s for p in pings if p.done_s)
    return CanaryFigures(
        interval_s,
        len(pings),
        sum(p.done_s is None for p in pings),
        waits[-1],
        waits[len(waits) // 2],
        0.95 if frozen else 0.0,
        tuple(pings),
    )


def stalls(start_s, solo_s, n, frames, *, on_cpu):
    """Make one stall for each request that holds the loop, a little of it taken by the machine."""
    own = solo_s * 0.97
    return tuple(
        Stall(
            start_s=start_s + k * solo_s + 0.001,
            length_s=solo_s * 0.99,
            on_cpu_s=own if on_cpu else 0.001,
            off_cpu_s=0.0 if on_cpu else own,
            gil_s=0.0,
            starved_s=solo_s * 0.01,
            gc_s=0.0,
            stacks=(Stack(frames, own, on_cpu),),
            pid=4711,
        )
        for k in range(n)
    )


def measurement(n, solo_s, start_s, *, serial, frames=(), on_cpu=False, held=0.0):
    """Make the figures that such records would give."""
    wall = solo_s * (n if serial else 1) + 0.03 * solo_s
    speedup = n * solo_s / wall
    hold = HoldFigures(n)
    if held:
        of_each = held * solo_s
        hold = (
            HoldFigures(n, computing_s=of_each, longest_computing_s=of_each)
            if on_cpu
            else HoldFigures(n, waiting_s=of_each, longest_waiting_s=of_each)
        )
    seen = stalls(start_s, solo_s, n, frames, on_cpu=on_cpu) if held else ()
    return Measurement(
        n=n,
        requests=n,
        closed_loop=False,
        solo_s=solo_s,
        solo_samples_s=(solo_s, solo_s * 1.01, solo_s * 0.99),
        serial_bound_s=n * solo_s,
        wall_s=wall,
        walls_s=(wall, wall * 1.02),
        limit_s=2.0 * solo_s + 0.01,
        floor_s=0.012,
        speedup=speedup,
        efficiency=speedup / n,
        serial_fraction=(1 / speedup - 1 / n) / (1 - 1 / n),
        warm_up_s=solo_s * 1.2,
        canary=canary(start_s, wall, frozen=bool(held)),
        solo_canary=canary(start_s - 3 * solo_s, solo_s, frozen=bool(held)),
        loop=LoopFigures(
            armed=True,
            loop="asyncio",
            held=held,
            solo=hold,
            burst=hold,
            executors=Executors(anyio_tokens=40, default_threads=32),
            stalls=seen,
        ),
        server_cpu_s=wall * (0.98 if on_cpu else 0.02),
        cpus=2,
        client_lag_s=0.004,
        machine=Machine(steal=0.01, busy=0.05, starved_s=0.003),
        statuses={"200": n},
        answers=("9f2a",),
        throughput_rps=n / wall,
    )


def blame(file, line, function, call, target, source, held_s, *, on_cpu, advice):
    """Make one blamed place: the call's columns are those of its first mention in the source."""
    text = source[len(source) // 2]
    column = text.index(call)
    path = (
        Frame(file, line, function, "project", call, target, line, column, column + len(call)),
        Frame(file, line - 9, "endpoint", "project"),
        Frame("fastapi/routing.py", 214, "run_endpoint_function", "framework"),
        Frame("fastapi/routing.py", 355, "app", "framework"),
        Frame("starlette/routing.py", 76, "app", "framework"),
        Frame("starlette/middleware/errors.py", 164, "__call__", "framework"),
    )
    return Blame(
        file=file,
        line=line,
        function=function,
        call=call,
        held_s=held_s,
        on_cpu=on_cpu,
        advice=advice,
        target=target,
        column=column,
        end_line=line,
        end_column=column + len(call),
        source=source,
        source_line=line - len(source) // 2,
        path=path,
    )
