"""Small builders of measurements and stalls, for the tests of the pure stages."""

from __future__ import annotations

from dataclasses import replace

from neverblock.analysis.judge import NO_CHECKS, judge
from neverblock.analysis.judge import doubt as doubt_of
from neverblock.analysis.measure import Round, Solo, measure
from neverblock.measurement import Executors, Frame, LoopTrace, Measurement, Pool, Stack, Stall
from neverblock.model import (
    Burst,
    ClientHealth,
    Diagnosis,
    Endpoint,
    Machine,
    Ping,
    Record,
    Scenario,
    Verdict,
)
from neverblock.result import Control, Criterion, Judgement, Result, Run

QUIET = Machine(steal=0.0, busy=0.0)
GATHER = Scenario(name="gather", title="gather", engine="gather")
SLEEP = Frame("/app/db.py", 41, "load_user", "project", call="time.sleep", target="time.sleep")


def record(
    seq: int, sent_s: float, done_s: float, status: int | None = 200, **more: object
) -> Record:
    """One request."""
    base = Record(seq, sent_s, done_s, done_s, status, None, "a")
    return replace(base, **more)


def stall(start_s: float, length_s: float, **split: object) -> Stall:
    """One stall, waiting off CPU in SLEEP unless told otherwise."""
    parts = {"on_cpu_s": 0.0, "off_cpu_s": 0.0, "gil_s": 0.0, "starved_s": 0.0, "gc_s": 0.0}
    stacks = (Stack((SLEEP,), length_s, on_cpu=bool(split.get("on_cpu_s"))),)
    return Stall(start_s, length_s, **{**parts, "stacks": stacks, **split})


def trace(
    *stalls: Stall,
    armed: bool = True,
    executors: Executors | None = None,
    loop_cpu_s: float = 0.0,
    **more: object,
) -> LoopTrace:
    """Give what the probe saw over a long window."""
    return LoopTrace(
        0.0,
        1e6,
        armed,
        loop="asyncio",
        stalls=stalls,
        executors=executors or Executors(),
        loop_cpu_s=loop_cpu_s,
        **{"process_cpu_s": loop_cpu_s, "busy_s": loop_cpu_s, **more},
    )


def pool(name: str = "default-executor", **more: object) -> Pool:
    """Give a pool of six threads that one request holds one of for a second, and no queue."""
    return replace(Pool(name, size=6, held_s=3.0, queued_s=0.0, waiting=0), **more)


def solo(own_s: float, *stalls: Stall, k: int = 3, since_s: float = 0.0, **more: object) -> Solo:
    """K requests one after another, a second apart at least, from this instant on."""
    sends = (since_s + i * (own_s + 1) for i in range(k))
    records = tuple(record(i, sent_s, sent_s + own_s) for i, sent_s in enumerate(sends))
    return Solo(records, (), trace(*stalls, **more), warm_up_s=own_s)


def burst_round(  # noqa: PLR0913 - one parameter for each thing observed
    walls: list[float],
    *stalls: Stall,
    cpu_s: float = 0.0,
    floor_s: float = 0.0,
    machine: Machine = QUIET,
    executors: Executors | None = None,
    pings: tuple[Ping, ...] = (),
    lag_s: float = 0.0,
    loop_cpu_s: float = 0.0,
    client_cpu_s: float = 0.0,
    **more: object,
) -> Round:
    """One burst of requests which all start at instant 100 and end after these seconds."""
    records = tuple(record(i, 100.0, 100.0 + wall) for i, wall in enumerate(walls))
    return Round(
        Burst(records, ClientHealth(lag_s, client_cpu_s)),
        pings,
        floor_s,
        cpu_s,
        machine,
        trace(*stalls, executors=executors, loop_cpu_s=loop_cpu_s, **more),
    )


def measured(
    alone: Solo, *rounds: Round, scenario: Scenario = GATHER, **more: object
) -> Measurement:
    """Give the figures of it all, at the default limits, on two cores."""
    scenario = replace(
        scenario, n=len(rounds[0].burst.records) if scenario is GATHER else scenario.n
    )
    found = measure(alone, rounds, Criterion(), scenario=scenario, canary_interval_s=0.05, cpus=2)
    return replace(found, **more)


def serial(own_s: float, n: int = 10) -> list[float]:
    """Give the staircase: each request waits for the one before."""
    return [own_s * (i + 1) for i in range(n)]


def parallel(own_s: float, n: int = 10) -> list[float]:
    """All at once."""
    return [own_s * 1.02] * n


def result(verdict: Verdict, name: str = "e", **more: object) -> Result:
    """One result with no figures, and the first diagnosis that has this verdict."""
    diagnosis = more.pop("diagnosis", DIAGNOSES[verdict])
    judgement = Judgement(NO_CHECKS, verdict, diagnosis, f"is {diagnosis}")
    return replace(Result(Endpoint(name, "GET", "/"), GATHER, None, judgement), **more)


DIAGNOSES = {
    Verdict.PASS: Diagnosis.CONCURRENT,
    Verdict.FAIL: Diagnosis.BLOCKING_IO,
    Verdict.ERROR: Diagnosis.ERRORING,
    Verdict.INCONCLUSIVE: Diagnosis.INCONCLUSIVE,
    Verdict.SKIPPED: Diagnosis.SKIPPED,
}


def judged(measurement: Measurement, name: str = "e", **more: object) -> Result:
    """One result as it is judged by the usual limits."""
    judgement = judge(measurement, Criterion())
    return replace(Result(Endpoint(name, "GET", "/"), GATHER, measurement, judgement), **more)


def run(*results: Result, **more: object) -> Run:
    """One run of these results, whose control was seen."""
    environment = {
        "python": "3.12.9",
        "implementation": "CPython",
        "platform": "Linux 6.1.0 x86_64",
        "cpus": 2,
    }
    control = Control(seen=True, block_s=0.1, seen_s=0.1, line="n:1", seen_line="n:1")
    whole = Run("0", "then", 0.0, "app", 1.0, Criterion(), environment, results, control=control)
    return replace(whole, **more)


def doubt(
    alone: Solo, *rounds: Round, criterion: Criterion | None = None, **more: object
) -> str | None:
    """Give what is too near its limit in these figures, by the limits that are usual."""
    scenario = more.pop("scenario", GATHER)
    figures = replace(measured(alone, *rounds, scenario=scenario), **more)
    return doubt_of(figures, criterion or Criterion())
