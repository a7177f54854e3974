"""The corpus that was written unseen is sound: what it declares is whole, and it answers."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "corpus"))

import truth

from neverblock.model import Verdict


def cases():
    """Give its cases; the app is imported by the first test, and not by whoever collects them."""
    return truth.load(truth.UNSEEN)


def declared():
    """Give what each endpoint declares of itself."""
    app = truth.load_app(truth.UNSEEN)
    return {
        path.rsplit("/", 1)[-1]: operation["x-truth"]
        for path, methods in app.openapi()["paths"].items()
        for operation in methods.values()
    }


def test_has_all_it_claims():
    """There are 31 ways to block the loop, a twin of each, and 12 decoys, all of other names."""
    said = declared()
    roles = Counter(each["role"] for each in said.values())
    assert roles == {"bad": 31, "twin": 31, "decoy": 12}
    bad = {name for name, each in said.items() if each["role"] == "bad"}
    assert {each["of"] for each in said.values() if each["role"] == "twin"} == bad
    assert len(cases()) == len(said) == 74


def test_declares_a_whole_truth():
    """Those that are bad fail and have a marked line of code, the others pass and have none."""
    said = declared()
    for case in cases():
        bad = said[case.name]["role"] == "bad"
        assert (case.verdict is Verdict.FAIL) == (case.blamed is not None) == bad
        if case.blamed:
            line = (truth.UNSEEN / case.blamed.file).read_text().splitlines()[case.blamed.line - 1]
            assert line.split("#")[0].strip()


def test_every_endpoint_answers():
    """Each request is answered with 200, all of them at once."""
    app = truth.load_app(truth.UNSEEN)

    async def ask_all() -> dict[str, int]:
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://corpus") as client,
        ):
            asked = [case.request for case in cases()]
            answers = await asyncio.gather(
                *(
                    client.request(r.method, r.path, headers=list(r.headers), content=r.content)
                    for r in asked
                )
            )
        return {r.path: answer.status_code for r, answer in zip(asked, answers, strict=True)}

    statuses = asyncio.run(ask_all())
    assert {path: status for path, status in statuses.items() if status != 200} == {}
