"""Peers are scored fairly: what they report is read, and held against the truth."""

from __future__ import annotations

from typing import Any

import truth
from peers.linters import chain_of
from peers.score import by_endpoint, comparable, names, score
from peers.stacks import ROOT, told_in

from neverblock.model import Diagnosis, Verdict


def cases():
    """Give the corpus's cases that tools can be compared by."""
    return comparable(truth.load())


def lines_to_blame():
    """Give the lines to blame, by case."""
    return {case.name: case.blamed for case in cases() if case.blamed}


def test_reads_a_traceback():
    """The corpus's frames are read out of a traceback, those of libraries are not."""
    text = f'  File "/usr/lib/x.py", line 3, in y\n  File "{ROOT}/app/main.py", line 7, in z\n'
    assert told_in(text) == [("app/main.py", 7, "z")]


def test_reads_a_place():
    """The corpus's frames are read out of file:line:function as well."""
    assert told_in(f"{ROOT}/app/main.py:7:z <- /usr/lib/x.py:3:y") == [("app/main.py", 7, "z")]


def test_a_perfect_tool_has_a_perfect_score():
    """Who reports each marked line and nobody else finds all that hold the loop, and each line."""
    findings = {
        name: [[(blamed.file, blamed.line, blamed.function)]]
        for name, blamed in lines_to_blame().items()
    }
    result = score(cases(), findings)
    assert result.accused == result.missed == ()
    assert result.right_line == (len(findings), len(findings))
    found, of = result.found[Diagnosis.BLOCKING_IO]
    assert found == of > 0
    assert result.found[Diagnosis.SERIALIZED][0] == 0


def test_a_tool_that_always_complains_accuses_all():
    """Who reports every endpoint without a place finds all, names none and accuses the innocent."""
    result = score(cases(), {case.name: [[]] for case in cases()})
    assert result.right_line[0] == 0
    assert len(result.accused) == result.innocents > 0
    assert all(found == of for found, of in result.found.values())


def test_another_line_is_not_the_right_one():
    """A stack that ends elsewhere does not name the line, though it passes through it."""
    blamed = lines_to_blame()["time_sleep"]
    right = (blamed.file, blamed.line, blamed.function)
    assert names([[right]], blamed)
    assert not names([[right, ("app/billing.py", 1, "deeper")]], blamed)


def test_gives_a_linters_places_to_endpoints():
    """A place in an innocent endpoint's body is held against that endpoint."""
    innocent = next(case for case in cases() if case.name == "trivial")
    source = (ROOT / "app/sizes.py").read_text().splitlines()
    line = next(number for number, text in enumerate(source, 1) if "def trivial" in text)
    assert innocent.verdict is Verdict.PASS
    assert list(by_endpoint(cases(), [[("app/sizes.py", line + 1, "")]], ROOT)) == ["trivial"]


def test_gives_a_place_in_a_helper_to_whom_a_line_is_marked_there():
    """A complaint about another line of the function that blocks is a finding for its endpoint."""
    cases = comparable(truth.load(truth.UNSEEN))
    blamed = next(case.blamed for case in cases if case.name == "token_stream")
    assert blamed.function != "token_stream"
    stacks = [[(blamed.file, blamed.line - 1, "")]]
    assert list(by_endpoint(cases, stacks, truth.UNSEEN)) == ["token_stream"]


def _diagnostic(entry: str, *places: tuple[str, int]) -> dict[str, Any]:
    """Build what hydroid says of a chain: the route's place first, then those of the calls."""
    first, *calls = [{"path": path, "line": line} for path, line in places]
    reached = {"entry": entry, "location": first}
    return {"reached_from": reached, "chain": [{"location": at} for at in calls]}


def test_gives_a_chain_of_calls_to_its_route_and_to_whom_its_end_is_marked_for():
    """A chain that ends in a marked helper counts for the marked endpoint, with the right line."""
    blamed = lines_to_blame()["two_helpers_deep"]
    chain = chain_of(
        _diagnostic(
            "route GET /two_helpers_deep: app.layers.two_helpers_deep",
            ("app/layers.py", 26),
            ("app/layers.py", 28),
            (blamed.file, blamed.line),
        )
    )
    findings = by_endpoint(cases(), [chain], ROOT)
    assert list(findings) == ["two_helpers_deep"]
    assert names(findings["two_helpers_deep"], blamed)


def test_gives_a_chain_that_ends_in_an_unmarked_helper_to_its_route():
    """An innocent endpoint is accused where a chain from its route ends in a helper of its own."""
    chain = chain_of(
        _diagnostic(
            "route GET /cached: app.innocent.cached",
            ("app/innocent.py", 246),
            ("app/innocent.py", 241),
        )
    )
    assert "cached" in by_endpoint(cases(), [chain], ROOT)
