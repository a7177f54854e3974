"""What a capacity is, in every format that shows one."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from canned import canned_run
from jsonschema import Draft202012Validator

from neverblock.analysis.capacity.against import against
from neverblock.errors import ExitCode
from neverblock.gate.decide import exit_code
from neverblock.report import create_renderer, text
from neverblock.result.capacity import (
    Against,
    Arrivals,
    Beyond,
    Capacity,
    Level,
    Limit,
    LimitSeen,
    NextLimit,
    Proof,
    ProofVerdict,
)
from neverblock.storage.run_file import from_json, to_json
from neverblock.storage.schema import run_schema

ORDERS = Capacity(
    endpoint="GET /orders",
    ceiling_per_s=39.2,
    low_per_s=38.1,
    high_per_s=40.2,
    at_n=8,
    beyond=Beyond.FLAT,
    limit=Limit.CONNECTION_POOL,
    limit_seen=LimitSeen("app/db.py", 30, "orders", "pool.acquire", 0.92, 8, "asyncpg"),
    predicted_per_s=40.0,
    predicted_limit="connection-pool",
    next=(NextLimit(Limit.ANYIO_TOKENS, 200.0), NextLimit(Limit.LOOP_COMPUTING, 900.0)),
    proof=Proof(ProofVerdict.CONFIRMED, "ORDERS_POOL_SIZE", 8.0, 16.0, 77.0, 80.0),
    levels=tuple(
        Level(n, min(n, 8) * 4.9, 0.2, 0.21, 0, min(n, 8) * 4.8, min(n, 8) * 5.0, 100)
        for n in (1, 2, 3, 5, 8, 13, 21)
    ),
    solo_s=0.2,
    generator_per_s=2400.0,
    reason="",
    arrivals=(Arrivals(0.8, 31.4, 94, 0.206, 0.24, 0, 2),),
    limit_size=8,
)
FAST = replace(
    ORDERS,
    endpoint="GET /fast",
    ceiling_per_s=None,
    limit=Limit.GENERATOR,
    limit_seen=None,
    reason="the generator is at its limit at 2300 a second",
    arrivals=(),
)
GONE = replace(FAST, endpoint="GET /gone", limit=Limit.UNKNOWN, levels=(), reason="status 500")


def run_of(*capacities):
    """Give a run that measured capacities and nothing else."""
    return replace(canned_run(), results=(), background=(), unchecked=(), capacity=capacities)


def test_the_terminal_says_what_it_takes_and_why():
    """The ceiling, the limit by its line, the prediction, the proof, and what users would see."""
    shown = " ".join(text.render(run_of(ORDERS)).split())
    for part in (
        "GET /orders: 39 requests a second, from 8 at once on [38, 40]",
        "the connection pool of 8 (asyncpg): 92% of the requests on top stand at app/db.py:30",
        "from one request: 40 a second by connection-pool",
        "anyio's threads at 200/s, then the loop, computing at 900/s",
        "confirmed: ORDERS_POOL_SIZE 8 -> 16: 77/s",
        "p50 206 ms, p99 240 ms",
    ):
        assert part in shown


def test_the_terminal_keeps_to_its_width():
    """Nothing is wider than 80 columns."""
    assert max(map(len, text.render(run_of(ORDERS, FAST, GONE)).splitlines())) <= 80


@pytest.mark.parametrize("name", ["text", "html", "junit", "markdown", "json"])
def test_every_format_has_each_endpoint(name):
    """Also one without a ceiling, with the reason."""
    shown = create_renderer(name)(run_of(ORDERS, FAST, GONE))
    for part in ("/orders", "/fast", "/gone"):
        assert part in shown.replace("&#47;", "/")


def test_a_page_without_checks_offers_nothing_of_them():
    """A capacity has no single requests, and nothing that a check could fail."""
    page, checked = (create_renderer("html")(each) for each in (run_of(ORDERS), canned_run()))
    for part in ('data-save="records.csv"', "<footer>"):
        assert (part in page, part in checked) == (False, True)


def test_a_ceiling_that_was_refuted_says_so():
    """The name stays with its evidence, and nobody is told that it was proven."""
    proof = replace(ORDERS.proof, verdict=ProofVerdict.REFUTED, ceiling_per_s=39.5)
    shown = " ".join(text.render(run_of(replace(ORDERS, proof=proof))).split())
    assert "not the limit after all: the ceiling stayed" in shown
    assert "confirmed" not in shown


def test_a_proof_that_noise_hides_is_not_called_one():
    """What was moved and came of it is shown, with why it does not tell."""
    proof = replace(ORDERS.proof, verdict=ProofVerdict.NOT_TRIED, ceiling_per_s=55.0, how="noise")
    shown = " ".join(text.render(run_of(replace(ORDERS, proof=proof))).split())
    assert "not told apart (ORDERS_POOL_SIZE 8 -> 16: 55/s): noise" in shown


def test_a_proof_that_nobody_asked_for_is_not_explained():
    """With --no-proof nobody is told how to have one."""
    proof = Proof(ProofVerdict.NOT_TRIED)
    shown = " ".join(text.render(run_of(replace(ORDERS, proof=proof))).split())
    assert "not asked for" in shown
    assert "how to" not in shown


def test_a_limit_that_no_probe_saw_is_said_to_be_unseen():
    """Of a URL there is a ceiling, and what limits it is not seen from outside."""
    outside = replace(ORDERS, limit=Limit.UNKNOWN, limit_seen=None, limit_size=None, used=None)
    shown = " ".join(text.render(run_of(outside)).split())
    assert "unknown: it is not seen from outside" in shown
    assert "GET /orders, whose limit is unknown." in shown


def test_a_run_with_capacities_is_read_as_it_was_written():
    """By the names of the format: a proof has from and to."""
    run = run_of(ORDERS, FAST, GONE)
    saved = json.loads(json.dumps(to_json(run)))
    Draft202012Validator(run_schema()).validate(saved)
    (first, *_) = saved["capacity"]
    assert first["proof"]["from"] == 8.0
    assert (first["limit"], first["beyond"]) == ("connection-pool", "flat")
    assert from_json(saved) == run


def test_a_run_without_capacities_is_read_as_one_with_none():
    """Runs of before have no such field."""
    saved = to_json(run_of())
    del saved["capacity"]
    assert from_json(saved).capacity == ()


def test_what_could_not_be_measured_never_passes():
    """A limit of the generator's is an answer; an endpoint without one level is none."""
    assert exit_code(run_of(ORDERS, FAST)) is ExitCode.OK
    assert exit_code(run_of(ORDERS, GONE)) is ExitCode.NOT_MEASURED


BASE = Against(49.0, 48.0, 50.0, Limit.SEMAPHORE, 0.8, 0.76, 0.84)


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (BASE, ExitCode.OK),
        (replace(BASE, least=0.7), ExitCode.OK),
        # Where the interval allows it, the ratio is kept: noise fails nobody.
        (replace(BASE, least=0.82), ExitCode.OK),
        (replace(BASE, least=0.9), ExitCode.FAILED),
        (replace(BASE, least=0.9, ratio=None, ratio_high=None), ExitCode.NOT_MEASURED),
    ],
)
def test_a_ceiling_is_held_to_a_ratio_to_its_base(held, code):
    """It fails where the ratio is surely too small, and never passes where there is none."""
    run = run_of(replace(ORDERS, against=held))
    assert exit_code(run) is code
    failures = create_renderer("junit")(run).count("<failure")
    assert failures == (code is ExitCode.FAILED)
    assert "the base takes 49 a second" in " ".join(text.render(run).split())
    assert from_json(json.loads(json.dumps(to_json(run)))) == run


def test_the_ratio_is_as_unsure_as_both_ceilings():
    """From the least of this over the most of the base, to the reverse."""
    base = replace(ORDERS, ceiling_per_s=20.0, low_per_s=19.0, high_per_s=21.0)
    found = against(base, ORDERS, 0.9)
    assert found.ratio == pytest.approx(39.2 / 20)
    assert found.ratio_low == pytest.approx(38.1 / 21)
    assert found.ratio_high == pytest.approx(40.2 / 19)
    assert not found.failed
    assert against(FAST, ORDERS, 0.9).unmeasured
    assert against(ORDERS, FAST, 0.9).unmeasured
    assert not against(ORDERS, FAST, None).unmeasured
