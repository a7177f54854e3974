"""A canned run, made of pure data: every verdict, a staircase, its parallel twin, hostile names."""
# ruff: noqa: PLR0913, S311 - builders of data; noise is no secret

from __future__ import annotations

from dataclasses import replace
from random import Random

from canned_parts import blame, measurement, records

from neverblock.model import (
    CheckState,
    Diagnosis,
    Endpoint,
    Expectation,
    Record,
    Scenario,
    Verdict,
)
from neverblock.result import (
    Advice,
    Checks,
    Control,
    Criterion,
    Judgement,
    Lesson,
    Phase,
    Result,
    Run,
    Unchecked,
)

GATHER = Scenario("gather", "ten requests by httpx and asyncio.gather", "gather")
BURST = Scenario("burst", "ten Locust users released together", "locust")
CROWD = Scenario("crowd", "ten Locust users in a closed loop", "locust", duration_s=3.0)
EPOCH_S = 48_211.25
HOSTILE = "<script>alert('x')</script>\"&\x1b[31m\x07"
CHECKS = {"p": CheckState.PASS, "f": CheckState.FAIL, "b": CheckState.BLIND}


SLEEP_BLAME = blame(
    "target_app/pairs/sleep.py",
    21,
    "bad",
    "time.sleep",
    "time.sleep",
    (
        '@router.get("/pairs/sleep/bad")',
        "async def bad() -> Slept:",
        "    time.sleep(OWN_TIME_S)",
        "    return Slept(seconds=OWN_TIME_S)",
        "",
    ),
    1.0,
    on_cpu=False,
    advice=Advice(
        "asyncio.sleep",
        "await asyncio.sleep(OWN_TIME_S)",
        "time.sleep parks the thread that serves every request; asyncio.sleep parks only this one.",
    ),
)
HASH_BLAME = blame(
    "target_app/pairs/hash.py",
    30,
    "chain",
    "hashlib.sha256",
    "_hashlib.openssl_sha256",
    (
        "    digest = seed",
        "    for _ in range(rounds):",
        "        digest = hashlib.sha256(digest).digest()",
        "    return digest.hex()",
        "",
    ),
    0.21,
    on_cpu=True,
    advice=Advice(
        "a process pool, or a thread",
        "await run_in_threadpool(chain, seed, rounds)",
        "Computing keeps the loop's thread; a worker keeps its own.",
    ),
)


def result(pair, variant, scenario, solo_s, start_s, code, *, verdict, diagnosis, reason, **more):
    """Make a result of the reference app; code spells its checks, as in "fff" or "bpp"."""
    serial = more.pop("serial", variant == "bad")
    places = more.pop("blame", ())
    figures = measurement(
        scenario.n,
        solo_s,
        start_s,
        serial=serial,
        frames=places[0].path if places else (),
        on_cpu=bool(places) and places[0].on_cpu,
        held=0.97 if places else 0.0,
    )
    return Result(
        Endpoint(f"{pair}/{variant}", "GET", f"/pairs/{pair}/{variant}", pair, variant),
        scenario,
        figures,
        Judgement(Checks(*(CHECKS[c] for c in code)), verdict, diagnosis, reason, **more),
        Expectation(verdict, diagnosis),
        True,
        places,
        records(scenario.n, solo_s, start_s, serial=serial),
    )


def lessons(scenario, start_s):
    """Make the pairs `sleep` and `hash` under one scenario."""
    fail = {"verdict": Verdict.FAIL}
    good = {"verdict": Verdict.PASS, "diagnosis": Diagnosis.CONCURRENT}
    free = "10 requests took {} s, one alone takes {} s; the loop stayed free."
    return (
        result(
            "sleep", "bad", scenario, 1.001, start_s, "fff", **fail,
            diagnosis=Diagnosis.BLOCKING_IO, blame=(SLEEP_BLAME,),
            reason="blocks the event loop: 10 requests took 10.04 s, one alone takes 1.00 s; "
            "every other request waited up to 1.00 s.",
        ),
        result("sleep", "good", scenario, 1.002, start_s + 30, "ppp", **good,
               reason=free.format("1.03", "1.00")),
        result(
            "hash", "bad", scenario, 0.214, start_s + 60, "fff", **fail,
            diagnosis=Diagnosis.BLOCKING_CPU, blame=(HASH_BLAME,),
            reason="computes on the event loop: 10 requests took 2.15 s, one alone takes 0.21 s; "
            "every other request waited up to 2.15 s.",
        ),
        result("hash", "good", scenario, 0.216, start_s + 70, "bpp", verdict=Verdict.PASS,
               diagnosis=Diagnosis.GIL_CONTENTION, notes=("Use processes: the GIL is shared.",),
               reason=free.format("0.22", "0.22")),
        result("hash", "better", scenario, 0.225, start_s + 80, "bpp", **good,
               reason=free.format("0.23", "0.23")),
    )  # fmt: skip


def unmeasured(pair, variant, verdict, diagnosis, reason):
    """Make a result without figures."""
    absent = Checks(*[CheckState.NOT_APPLICABLE] * 3)
    return Result(
        Endpoint(f"{pair}/{variant}", "GET", f"/pairs/{pair}/{variant}", pair, variant),
        GATHER,
        None,
        Judgement(absent, verdict, diagnosis, reason),
        Expectation(Verdict.FAIL if variant == "bad" else Verdict.PASS, diagnosis),
        None if verdict is Verdict.SKIPPED else False,
    )


def crowd(variant, start_s):
    """Make a crowd's result: a closed loop, and a light user beside it."""
    bad = variant == "bad"
    base = lessons(CROWD, start_s)[0 if bad else 1]
    noise = Random(5)
    per_user = 1 if bad else 3
    fired = tuple(
        Record(k, at, at + 0.9, at + took, 200)
        for k in range(10 * per_user)
        for at in [start_s + (k // 10) * 1.01 if not bad else start_s]
        for took in [(k + 1) * 1.001 if bad else 1.0 + noise.uniform(0, 0.02)]
    )
    light = tuple(
        Record(k, at, at + 0.001, at + (1.0 if bad else 0.004), 200)
        for k in range(3 if bad else 30)
        for at in [start_s + k * (1.0 if bad else 0.1)]
    )
    figures = replace(
        base.measurement,
        requests=len(fired),
        closed_loop=True,
        light=light,
        throughput_rps=1.0 if bad else 9.8,
    )
    return replace(base, measurement=figures, records=fired)


def hostile():
    """Make a result of a user's app whose every name tries to get out of its place."""
    long_path = "/v1/" + "an-endless-segment/" * 12 + HOSTILE
    place = replace(
        SLEEP_BLAME,
        file=f"src/{HOSTILE}.py",
        function=HOSTILE,
        note=HOSTILE,
        source=(f"# {HOSTILE}", f"x = '{HOSTILE}'", "    time.sleep(1)", "", ""),
        advice=Advice(HOSTILE, HOSTILE, HOSTILE),
    )
    base = lessons(GATHER, EPOCH_S + 400)[0]
    failed = records(10, 0.4, EPOCH_S + 400, serial=True, status=None, error=f"reset {HOSTILE}")
    return replace(
        base,
        endpoint=Endpoint(f"GET {long_path}", "GET", long_path),
        judgement=replace(base.judgement, reason=f"blocks: {HOSTILE}", notes=(HOSTILE,)),
        expected=None,
        as_expected=None,
        blame=(place,),
        records=failed,
    )


def errored():
    """Make a result whose requests failed under load."""
    base = lessons(GATHER, EPOCH_S + 500)[1]
    fired = records(10, 0.02, EPOCH_S + 500, serial=False, status=500)
    judgement = Judgement(
        Checks(*[CheckState.NOT_APPLICABLE] * 3),
        Verdict.ERROR,
        Diagnosis.ERRORING,
        "10 of 10 requests failed: 500.",
    )
    return replace(
        base,
        endpoint=Endpoint("http/good", "GET", "/pairs/http/good", "http", "good"),
        measurement=replace(base.measurement, statuses={"500": 10}, answers=()),
        judgement=judgement,
        as_expected=False,
        records=fired,
    )


def canned_run() -> Run:
    """Make the whole run."""
    return Run(
        tool_version="0.1.0",
        started_at="2026-01-30T12:00:00Z",
        duration_s=96.4,
        target="target_app.app:app",
        scale=1.0,
        criterion=Criterion(),
        environment={
            "python": "3.12.9",
            "platform": "Linux-6.1-x86_64",
            "cpus": 2,
            "packages": {"fastapi": "0.128.0", "uvicorn": "0.40.0"},
            "noise": "quiet: 1 % stolen, 5 % busy",
        },
        results=(
            *lessons(GATHER, EPOCH_S),
            *lessons(BURST, EPOCH_S + 100),
            crowd("bad", EPOCH_S + 200),
            crowd("good", EPOCH_S + 250),
            unmeasured(
                "mysql", "bad", Verdict.SKIPPED, Diagnosis.SKIPPED,
                "There is no MySQL: install mariadb-server, or set NEVERBLOCK_MYSQL_URL.",
            ),
            unmeasured(
                "image", "good", Verdict.INCONCLUSIVE, Diagnosis.INCONCLUSIVE,
                "The machine took 31 % of the CPU away, three times in a row.",
            ),
            errored(),
            hostile(),
        ),
        unchecked=(Unchecked("POST", f"/orders/{HOSTILE}", "POST is fired only when named."),),
        control=Control(True, 0.2, 0.203, "null_app.py:41", "null_app.py:41"),
        phases=(Phase("set up", 4.1), Phase("warm up", 6.2), Phase("solo", 31.0),
                Phase("burst", 51.4), Phase("judge", 0.4), Phase("other", 3.3)),
        lessons=(Lesson("sleep", "A wait", "time.sleep", "asyncio.sleep", f"Why: {HOSTILE}"),),
    )  # fmt: skip
