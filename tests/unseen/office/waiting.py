"""Waiting for threads, futures and attempts."""

from __future__ import annotations

import asyncio
import threading

import psutil
import requests
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from tenacity import retry, stop_after_attempt, wait_fixed

from office.case import bad, good
from office.settings import settings

router = APIRouter(prefix="/waiting")
refreshing = threading.Lock()


@router.get("/lock_across_await", openapi_extra=bad("blocking-io"))
async def lock_across_await() -> dict:
    """Keep a lock of threads across an await: whoever comes second stops the loop."""
    if not refreshing.acquire(timeout=0.1):  # blocks: lock_across_await
        return {"fresh": False}
    try:
        await asyncio.sleep(0.05)
    finally:
        refreshing.release()
    return {"fresh": True}


@router.get("/one_refresh_for_all", openapi_extra=good("concurrent", "lock_across_await"))
async def one_refresh_for_all(request: Request) -> dict:
    """Let everybody await the one refresh that is under way."""
    state = request.app.state
    refresh = getattr(state, "refresh", None)
    if refresh is None or refresh.done():
        refresh = state.refresh = asyncio.create_task(asyncio.sleep(0.05))
    await asyncio.shield(refresh)
    return {"fresh": True}


def stock() -> dict:
    """Ask how much there is."""
    return requests.get(f"{settings.partner}/stock?ms=150", timeout=5).json()


@router.get("/future_result", openapi_extra=bad("blocking-io"))
async def future_result(request: Request) -> dict:
    """Hand the work to a thread, and wait for the thread."""
    future = request.app.state.workers.submit(stock)
    return future.result()  # blocks: future_result


@router.get("/future_awaited", openapi_extra=good("concurrent", "future_result"))
async def future_awaited(request: Request) -> dict:
    """Hand the work to a thread, and await it."""
    return await asyncio.wrap_future(request.app.state.workers.submit(stock))


async def quote() -> dict:
    """Do what the old client does, on the old client's loop."""
    await asyncio.sleep(0.12)
    return {"price": 3}


def old_client(loop) -> dict:
    """Bridge from synchronous code to the other loop."""
    return asyncio.run_coroutine_threadsafe(quote(), loop).result()  # blocks: other_loop


@router.get("/other_loop", openapi_extra=bad("blocking-io"))
async def other_loop(request: Request) -> dict:
    """Wait on one loop for a coroutine on another."""
    return old_client(request.app.state.old_loop)


@router.get("/other_loop_awaited", openapi_extra=good("concurrent", "other_loop"))
async def other_loop_awaited(request: Request) -> dict:
    """Await a coroutine on another loop."""
    future = asyncio.run_coroutine_threadsafe(quote(), request.app.state.old_loop)
    return await asyncio.wrap_future(future)


THRICE = {"wait": wait_fixed(0.05), "stop": stop_after_attempt(3)}


@retry(**THRICE)
def flaky(attempts: list[int]) -> int:
    """Fail twice, then not."""
    attempts.append(1)
    if len(attempts) < 3:
        raise ConnectionError
    return len(attempts)


@retry(**THRICE)
async def flaky_async(attempts: list[int]) -> int:
    """Fail twice, then not, with waits that are awaited."""
    attempts.append(1)
    if len(attempts) < 3:
        raise ConnectionError
    return len(attempts)


@router.get("/retries", openapi_extra=bad("blocking-io"))
async def retries() -> dict:
    """Call what a decorator retries, with sleeps in between."""
    return {"attempts": flaky([])}  # blocks: retries


@router.get("/retries_async", openapi_extra=good("concurrent", "retries"))
async def retries_async() -> dict:
    """Await what the same decorator retries."""
    return {"attempts": await flaky_async([])}


def note_price(task: asyncio.Task) -> None:
    """Tell the partner of a price, as soon as it is known."""
    url = f"{settings.partner}/prices?ms=100"
    requests.post(url, json=task.result(), timeout=5)  # blocks: done_callback


@router.get("/done_callback", openapi_extra=bad("blocking-io"))
async def done_callback() -> dict:
    """Add a callback to a task: it runs on the loop, as all callbacks do."""
    task = asyncio.create_task(quote())
    task.add_done_callback(note_price)
    return await task


@router.get("/done_awaited", openapi_extra=good("concurrent", "done_callback"))
async def done_awaited(request: Request) -> dict:
    """Await the task, then what is to be done after it."""
    price = await quote()
    await request.app.state.http.post("/prices?ms=100", json=price)
    return price


@router.get("/health", openapi_extra=bad("blocking-io"))
async def health() -> dict:
    """Measure the CPU for a tenth of a second, for the load balancer."""
    return {"cpu": psutil.cpu_percent(interval=0.1)}  # blocks: health


@router.get("/health_threaded", openapi_extra=good("concurrent", "health"))
async def health_threaded() -> dict:
    """Measure the CPU in a thread."""
    return {"cpu": await run_in_threadpool(psutil.cpu_percent, interval=0.1)}
