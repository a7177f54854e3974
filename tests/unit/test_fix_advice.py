"""What an advice says beside the diff that a rule made, and how it names what is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from neverblock.analysis.advice import advise, leaves_gil, load_entries
from neverblock.analysis.fix_advice import BY_LIMITER, IN_THREAD, PLAIN_DEF, SHARES_GIL
from neverblock.measurement import Frame
from neverblock.model import Diagnosis
from neverblock.result import Advice, Blame
from neverblock.storage.fixes import fix_of_queue, located_with_fix

COMPUTES = """import asyncio


async def page(n):
    return totals(n)


async def awaiting(n):
    await seen(n)
    return totals(n)


def totals(n):
    return sum(i * i for i in range(n))


class Reports:
    def totals(self, n):
        return sum(i * i for i in range(n))


async def fills(n):
    return await asyncio.to_thread(totals, n)
"""


def at(source, call, function):
    """Give the frame of a function that is at a call, by its text."""
    before = source[: source.index(call)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return Frame(
        "/app/main.py", line, function, "project", call, call, line, column, column + len(call)
    )


def blamed(file, frame, target):
    """Blame a frame that the framework called."""
    outer = Frame("/site-packages/fastapi/routing.py", 300, "run_endpoint_function", "framework")
    path = (replace(frame, file=str(file)), outer)
    return Blame(
        str(file), frame.line, frame.function, frame.call, 1.0, False, path=path, target=target
    )


def advised_in(tmp_path, diagnosis, function, call, target, source):
    """Give what is advised about a call in a handler of an app's file, with its diff."""
    file = tmp_path / "main.py"
    file.write_text(source)
    place = blamed(file, replace(at(source, f"{call}(x)", function), call=call), target)
    place = replace(place, advice=advise(target, call, diagnosis, function))
    return located_with_fix(place, diagnosis, tmp_path).advice


@pytest.mark.parametrize(
    ("function", "source", "wanted"),
    [
        ("calm", "async def calm(x):\n    return CALL(x)\n", PLAIN_DEF),
        ("busy", "async def busy(x):\n    await seen(x)\n    return CALL(x)\n", IN_THREAD),
    ],
)
@pytest.mark.parametrize(
    ("call", "diagnosis", "larger"),
    [
        ("requests.get", Diagnosis.BLOCKING_IO, "one shared httpx.AsyncClient"),
        ("bcrypt.checkpw", Diagnosis.BLOCKING_CPU, ""),
        ("gzip.compress", Diagnosis.BLOCKING_CPU, "the proxy in front, for responses."),
        ("vendor.ask", Diagnosis.BLOCKING_IO, "an asynchronous client."),
        ("shop.totals", Diagnosis.BLOCKING_CPU, "a process pool opened in the lifespan."),
    ],
)
def test_the_words_beside_a_diff_are_those_of_what_it_does(
    tmp_path, function, source, wanted, call, diagnosis, larger
):
    """The remedy of the table is named after it, where it does more than a thread."""
    source = source.replace("CALL", call)
    advice = advised_in(tmp_path, diagnosis, function, call, call, source)
    assert ("+def " in advice.diff) == (wanted is PLAIN_DEF)
    assert ("+    return await asyncio.to_thread" in advice.diff) == (wanted is IN_THREAD)
    assert advice.instead == wanted.instead
    assert advice.why.startswith(wanted.why)
    assert f"The larger remedy: {larger}" in advice.why or not larger
    assert ("The larger remedy" in advice.why) == bool(larger)


@pytest.mark.parametrize(
    ("call", "target", "diagnosis", "shares"),
    [
        ("totals", "main.totals", Diagnosis.BLOCKING_CPU, True),
        ("yaml.safe_load", "yaml.safe_load", Diagnosis.BLOCKING_CPU, True),
        ("bcrypt.checkpw", "bcrypt.checkpw", Diagnosis.BLOCKING_CPU, False),
        ("zlib.compress", "zlib.compress", Diagnosis.BLOCKING_CPU, False),
        ("hashlib.sha256", "_hashlib.openssl_sha256", Diagnosis.BLOCKING_CPU, False),
        ("requests.get", "requests.api.get", Diagnosis.BLOCKING_IO, False),
    ],
)
def test_a_thread_that_shares_the_gil_is_said_to(tmp_path, call, target, diagnosis, shares):
    """Beside either diff to a thread, unless it waits or is known to compute outside of the GIL."""
    for body in ("", "    await seen(x)\n"):
        source = f"async def page(x):\n{body}    return {call}(x)\n"
        advice = advised_in(tmp_path, diagnosis, "page", call, target, source)
        assert advice.diff
        assert (SHARES_GIL in advice.why) == shares


def test_no_call_both_keeps_and_leaves_the_gil():
    """The table would contradict itself, and a diff to a thread with it."""
    entries = [entry for entry in load_entries() if entry.leaves_gil]
    assert not any(Diagnosis.GIL_HELD in entry.diagnoses for entry in entries)
    assert leaves_gil("bcrypt.hashpw", None)
    assert leaves_gil(None, "bcrypt.hashpw")
    assert not leaves_gil("json.loads", "json.loads")


def test_the_other_pool_is_named_where_the_diff_takes_it(tmp_path):
    """Where requests wait stays said, and the larger executor comes after."""
    file = tmp_path / "main.py"
    file.write_text(COMPUTES)
    given = Advice("a default executor of 10 threads, in the lifespan", "x", "9 of 10 wait.")
    frame = replace(at(COMPUTES, "asyncio.to_thread(totals, n)", "fills"), file=str(file))
    advice = fix_of_queue(given, frame, tmp_path)
    assert "+    return await run_in_threadpool(totals, n)" in advice.diff
    assert advice.instead == BY_LIMITER.instead
    assert f"The larger remedy: {given.instead}. 9 of 10 wait." in advice.why


@pytest.mark.parametrize(
    ("function", "line", "named"),
    [("totals", 14, "totals"), ("Reports.totals", 19, "totals_sync"), ("page", 5, "page_sync")],
)
def test_a_plain_function_of_a_module_is_named_as_it_is(tmp_path, function, line, named):
    """One beside it is invented only for a part of a method or of an async function."""
    file = tmp_path / "main.py"
    file.write_text(COMPUTES)
    advice = advise(None, None, Diagnosis.BLOCKING_CPU, function)
    frame = Frame(str(file), line, function, "project")
    place = replace(blamed(file, frame, None), call=None, path=(), advice=advice)
    shown = located_with_fix(place, Diagnosis.BLOCKING_CPU, tmp_path).advice
    assert f"(process_pool, {named}, *args)" in shown.code
    assert ("Move the part" in shown.why) == (named != function)
    assert ("hand it over as it is" in shown.why) == (named == function)
