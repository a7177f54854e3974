from __future__ import annotations

import asyncio
import contextlib
import gc
import hashlib
import socket
import urllib.request
from dataclasses import replace

import pytest
from stage import BIG, FREE_S, SERIAL_S

from neverblock.errors import UsageError
from neverblock.load import ENGINES, create_engine
from neverblock.load.gc_off import GcOff
from neverblock.model import Request
from scenarios import SCENARIOS

N = 10


def digest(body):
    """Give the answer that a record of this body must hold."""
    return hashlib.sha256(body).hexdigest()[:16]


class Shooter:
    """An engine that stays open over many tests, as in a run."""

    def __init__(self, name, loop):
        """Start the engine of that name in the loop."""
        self.loop = loop
        self.engine = loop.run(create_engine(name).__aenter__())
        self.burst = next(
            s for s in SCENARIOS.values() if s.engine == name and s.duration_s is None
        )

    def prepare(self, base_url, request, n=N, timeout_s=20.0):
        """Give a burst that is yet to be awaited."""
        if isinstance(request, str):
            request = Request("GET", request)
        return self.engine.fire(
            base_url, request, replace(self.burst, n=n), timeout_s=timeout_s, canary_path="/"
        )

    def fire(self, *args, **kwargs):
        """Fire a burst and give it."""
        return self.loop.run(self.prepare(*args, **kwargs))


@pytest.fixture(scope="module", params=ENGINES)
def shooter(request):
    """Each engine of the table in turn."""
    with asyncio.Runner() as loop:
        shooter = Shooter(request.param, loop)
        yield shooter
        loop.run(shooter.engine.__aexit__(None, None, None))


def test_requests_of_a_free_endpoint_overlap(shooter, stage):
    """Ten requests at an endpoint that waits freely take about as long as one."""
    burst = shooter.fire(stage, "/free")
    assert all(record.ok for record in burst.records)
    assert FREE_S * 0.95 < burst.wall_s < N * FREE_S / 2


def test_requests_of_a_serial_endpoint_form_a_staircase(shooter, stage):
    """Ten requests at an endpoint that takes one at a time take ten times as long as one."""
    burst = shooter.fire(stage, "/serial")
    done = sorted(record.done_s for record in burst.records)
    assert burst.wall_s > N * SERIAL_S * 0.95
    assert done[-1] - done[0] > (N - 1) * SERIAL_S * 0.9


@pytest.mark.parametrize("n", [1, 10, 100])
def test_every_request_has_one_record_with_its_instants_in_order(shooter, stage, n):
    """Send, first byte and end follow each other in each of the n records."""
    burst = shooter.fire(stage, "/free", n=n)
    assert [record.seq for record in burst.records] == list(range(n))
    for record in burst.records:
        assert record.sent_s <= record.first_byte_s <= record.done_s
        assert record.done_s - record.sent_s > FREE_S * 0.95


def test_client_reports_its_own_health(shooter, stage):
    """The burst carries the client's longest lag and its CPU time, both measured."""
    health = shooter.fire(stage, "/free").client
    assert health.max_lag_s > 0
    assert 0 < health.cpu_s < 5


def test_connections_are_open_before_the_release(shooter, stage):
    """No request of a burst is the first one on its connection."""
    records = shooter.fire(stage, "/reused", n=40).records
    assert {record.answer for record in records} == {digest(b"yes")}


def test_server_error_is_a_status_and_no_failure_to_answer(shooter, stage):
    """A 500 is a whole response: it has a status, no error, and is not ok."""
    records = shooter.fire(stage, "/broken").records
    assert {(r.status, r.error, r.ok) for r in records} == {(500, None, False)}


def test_redirect_is_recorded_and_not_followed(shooter, stage):
    """What is measured is the endpoint itself, not where it points to."""
    assert {record.status for record in shooter.fire(stage, "/elsewhere").records} == {302}


def test_cookies_are_not_carried_from_one_burst_to_the_next(shooter, stage):
    """A server's cookie does not make the second burst another one than the first."""
    shooter.fire(stage, "/cookie", n=1)
    assert shooter.fire(stage, "/cookie", n=1).records[0].answer == digest(b"none")


def test_an_answer_that_says_nothing_is_known(shooter, stage):
    """Whoever reads the answer tells whether it holds anything, in every record."""
    empty = {
        p: {r.empty for r in shooter.fire(stage, p, n=3).records} for p in ("/nothing", "/big")
    }
    assert empty == {"/nothing": {True}, "/big": {False}}


def test_endpoint_that_never_answers_is_a_timeout(shooter, stage):
    """Each record says after how long it was given up, and has no status."""
    records = shooter.fire(stage, "/hang", timeout_s=0.5).records
    assert {(r.status, r.error, r.answer) for r in records} == {(None, "timeout after 0.5 s", None)}
    assert all(record.done_s - record.sent_s >= 0.45 for record in records)


def test_nobody_listening_is_a_refusal(shooter):
    """A port without a server gives records that say so, one per request."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    records = shooter.fire(f"http://127.0.0.1:{port}", "/").records
    assert [record.error for record in records] == ["connection refused"] * N


def test_lost_connection_is_an_error_and_nothing_is_sent_twice(shooter, own_stage):
    """A server that hangs up gets exactly n requests, and each has a record that says why."""
    records = shooter.fire(own_stage, "/abort").records
    reasons = {"connection closed without a response", "connection reset"}
    assert {record.error for record in records} <= reasons
    with urllib.request.urlopen(f"{own_stage}/asked?path=/abort") as answer:  # noqa: S310 - http
        assert int(answer.read()) == N


def test_half_a_response_is_an_error(shooter, stage):
    """A body shorter than announced is no answer, whatever its status said."""
    records = shooter.fire(stage, "/half").records
    expected = (None, "connection closed in the middle of the response")
    assert {(record.status, record.error) for record in records} == {expected}


def test_server_that_dies_leaves_records_with_errors(shooter, own_stage):
    """A server that dies in the middle of a burst is an error in every record."""
    records = shooter.fire(own_stage, "/die").records
    assert len(records) == N
    assert all(record.error and record.error.startswith("connection") for record in records)


def test_method_headers_and_content_arrive(shooter, stage):
    """A POST carries its headers and its bytes unchanged."""
    content = bytes(range(256)) * 1000
    request = Request("POST", "/echo", (("x-token", "mine"),), content)
    expected = digest(f"mine {hashlib.sha256(content).hexdigest()}".encode())
    records = shooter.fire(stage, request).records
    assert {(record.status, record.answer) for record in records} == {(200, expected)}


def test_big_body_is_digested_to_its_end(shooter, stage):
    """The digest is that of all 8 MB, the same whichever engine fired."""
    records = shooter.fire(stage, "/big", n=4).records
    assert {record.answer for record in records} == {digest(BIG)}


def test_collector_pauses_for_overlapping_bursts_and_runs_again():
    """The garbage collector stays off until the last burst has ended, whichever ends first."""
    pause = GcOff()
    with contextlib.ExitStack() as first, contextlib.ExitStack() as second:
        first.enter_context(pause)
        second.enter_context(pause)
        first.close()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_bursts_at_two_servers_run_beside_each_other(shooter, stage, own_stage):
    """Two bursts that are fired together overlap in time, and neither takes the other's records."""

    async def both():
        return await asyncio.gather(
            shooter.prepare(stage, "/second", n=5), shooter.prepare(own_stage, "/second", n=7)
        )

    five, seven = shooter.loop.run(both())
    assert (len(five.records), len(seven.records)) == (5, 7)
    assert max(five.started_at_s, seven.started_at_s) < min(five.ended_at_s, seven.ended_at_s)


def test_unknown_engine_is_named_with_those_there_are():
    """A misspelt engine is a usage error that says what to choose from."""
    with pytest.raises(UsageError, match="'gather2'") as caught:
        create_engine("gather2")
    assert "gather" in caught.value.hint
    assert "locust" in caught.value.hint
