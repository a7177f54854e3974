"""The corpus is sound by itself: its truth is complete, and every endpoint answers."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest
import truth

from neverblock.model import Diagnosis, Verdict

VERDICTS = {
    Diagnosis.CONCURRENT: Verdict.PASS,
    Diagnosis.BLOCKING_IO: Verdict.FAIL,
    Diagnosis.BLOCKING_CPU: Verdict.FAIL,
    Diagnosis.GIL_HELD: Verdict.FAIL,
    Diagnosis.GIL_CONTENTION: Verdict.PASS,
    Diagnosis.COOPERATIVE_CPU: Verdict.PASS,
    Diagnosis.CPU_BOUND: Verdict.PASS,
    Diagnosis.EXECUTOR_SATURATED: Verdict.FAIL,
    Diagnosis.SERIALIZED: Verdict.FAIL,
    Diagnosis.ERRORING: Verdict.ERROR,
}
"""Every diagnosis that behaviour can show, with the verdict that it implies."""

HAS_A_LINE = {Diagnosis.BLOCKING_IO, Diagnosis.BLOCKING_CPU, Diagnosis.GIL_HELD}


def test_is_large_enough():
    """There are at least 60 endpoints, and no two share a name."""
    cases = truth.load()
    assert len(cases) >= 60
    assert max(Counter(case.name for case in cases).values()) == 1
    assert {case.name for case in cases} == set(truth.names())


def test_covers_every_diagnosis():
    """Each diagnosis that behaviour can show has at least three cases, erroring one."""
    counts = Counter(case.diagnosis for case in truth.load())
    assert counts.keys() == VERDICTS.keys()
    assert all(counts[diagnosis] >= 3 for diagnosis in VERDICTS.keys() - {Diagnosis.ERRORING})


@pytest.mark.parametrize("name", truth.names())
def test_declares_a_whole_truth(name):
    """The verdict follows from the diagnosis, and a line is marked just where one is to blame."""
    (case,) = (case for case in truth.load() if case.name == name)
    assert case.verdict is VERDICTS[case.diagnosis]
    assert (case.blamed is not None) == (case.diagnosis in HAS_A_LINE)


def test_marks_code():
    """Each marked line holds code, inside a function of that name."""
    for case in truth.load():
        if case.blamed:
            lines = (truth.ROOT / case.blamed.file).read_text().splitlines()
            assert lines[case.blamed.line - 1].split("#")[0].strip()
            if case.blamed.by_framework:
                assert case.blamed.function == case.name


def test_every_endpoint_answers():
    """Each request is answered 2xx, one after the other, and nothing of the app is left running."""
    app = truth.load_app()

    async def ask_all() -> dict[str, int]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://corpus") as client,
        ):
            return {
                case.name: (
                    await client.request(
                        case.request.method,
                        case.request.path,
                        headers=list(case.request.headers),
                        content=case.request.content,
                    )
                ).status_code
                for case in truth.load()
            }

    statuses = asyncio.run(ask_all())
    assert {name: status for name, status in statuses.items() if not 200 <= status < 300} == {}
