from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from neverblock.model import Diagnosis, Verdict
from target_app import pairs
from target_app.threads import THREADS

WORK = (
    "cpu dependency executor file hash http image mysql postgres redis sleep sqlalchemy subprocess"
)


async def ask(client, variant):
    """Fire the request of a variant, as an engine would."""
    request = variant.request
    return await client.request(
        request.method, request.path, headers=dict(request.headers), content=request.content
    )


def test_catalog_holds_every_file():
    """The catalog is the files of the package, in one order, under their own names."""
    assert [pair.name for pair in pairs.catalog()] == list(pairs.names()) == WORK.split()


@pytest.mark.parametrize("name", pairs.names())
def test_pair_teaches(name):
    """A pair has a lesson, a bad variant that must fail, and a good one that must pass."""
    module = pairs.load(name)
    assert len(module.__doc__.splitlines()) > 2
    assert module.PAIR.variants["bad"].expect.verdict is Verdict.FAIL
    for variant in module.PAIR.variants.keys() - {"bad"}:
        assert module.PAIR.variants[variant].expect.verdict is Verdict.PASS
    assert module.PAIR.computes == (module.PAIR.own_time_s is None)


@pytest.mark.parametrize("name", pairs.names())
def test_paths_follow_from_names(name):
    """Every variant is reached by /pairs/<name>/<variant>."""
    for variant, what in pairs.load(name).PAIR.variants.items():
        assert what.request.path.startswith(f"/pairs/{name}/{variant}")


@pytest.mark.anyio
@pytest.mark.parametrize("name", pairs.names())
async def test_variants_answer_alike(name, serve):
    """All variants of a pair answer 200 with one and the same body, time after time."""
    async with serve(name) as client:
        answers = [
            await ask(client, variant)
            for _ in range(2)
            for variant in pairs.load(name).PAIR.variants.values()
        ]
    assert {answer.status_code for answer in answers} == {200}, [a.text for a in answers]
    assert len({answer.text for answer in answers}) == 1
    assert all(answers[0].json().values())


@pytest.mark.anyio
async def test_all_pairs_share_one_server(serve):
    """Served together, every variant of every pair still answers."""
    async with serve(*pairs.names()) as client:
        for pair in pairs.catalog():
            for variant in pair.variants.values():
                assert (await ask(client, variant)).status_code == 200, variant.request.path


@pytest.mark.anyio
async def test_good_lets_twenty_in(serve, monkeypatch):
    """No pool of a good variant makes twenty requests wait for each other: they overlap."""
    monkeypatch.setenv("NEVERBLOCK_SCALE", "0.15")
    waiting = [pair.name for pair in pairs.catalog() if not pair.computes]
    loop = asyncio.get_running_loop()
    async with serve(*waiting) as client:
        for name in waiting:
            good = pairs.load(name).PAIR.variants["good"]
            await ask(client, good)
            start = loop.time()
            await ask(client, good)
            solo = loop.time() - start
            start = loop.time()
            await asyncio.gather(*(ask(client, good) for _ in range(20)))
            assert loop.time() - start < 20 * solo / 4, name


@pytest.mark.anyio
async def test_default_executor_is_sized(serve):
    """The app gives the loop an executor for all it means to serve at once."""
    async with serve("sleep"):
        assert asyncio.get_running_loop()._default_executor._max_workers == THREADS


@pytest.mark.anyio
async def test_executor_pair_restores_the_default(serve):
    """The executor pair measures the pool that asyncio itself would have made."""
    executor = pairs.load("executor")
    async with serve("executor"):
        size = asyncio.get_running_loop()._default_executor._max_workers
        assert size == ThreadPoolExecutor()._max_workers == executor.DEFAULT_THREADS
    assert executor.PAIR.variants["bad"].expect.diagnosis is Diagnosis.EXECUTOR_SATURATED


def test_executor_pair_saturates_any_machine():
    """One request fits into the default executor; ten want more than twice its threads."""
    executor = pairs.load("executor")
    assert executor.SOURCES <= executor.DEFAULT_THREADS < 10 * executor.SOURCES / 2
    assert 20 * executor.SOURCES <= THREADS
