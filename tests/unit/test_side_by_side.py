"""Jobs that run together: how many at a time, and what becomes of them when one fails."""

from __future__ import annotations

import asyncio

import pytest

from neverblock.target.server import side_by_side


@pytest.mark.parametrize(("at_most", "expected"), [(1, 1), (2, 2), (None, 5)])
def test_no_more_jobs_run_at_a_time_than_allowed(at_most, expected):
    """All of them run in the end; without a limit all run at once."""
    running, most, done = 0, 0, 0

    async def job():
        nonlocal running, most, done
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1
        done += 1

    asyncio.run(side_by_side([job() for _ in range(5)], at_most=at_most))
    assert (most, done) == (expected, 5)


def test_the_first_failure_ends_the_others_and_is_raised():
    """A job that still waits for its place never starts, and its coroutine is closed."""
    started = []

    async def job(name):
        started.append(name)
        await asyncio.sleep(0)
        raise OSError(name)

    jobs = [job(name) for name in "abc"]
    with pytest.raises(OSError, match="a"):
        asyncio.run(side_by_side(jobs, at_most=1))
    assert started == ["a"]
    assert all(each.cr_frame is None for each in jobs)
