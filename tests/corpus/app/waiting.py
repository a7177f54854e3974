"""Endpoints that wait on the loop thread: sleeping, files, processes, other threads."""

from __future__ import annotations

import asyncio
import os
import queue
import select
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fastapi import APIRouter
from neverblock.model import Diagnosis

from app.declared import WAIT_S, fails
from app.fifo import late_file
from app.resources import Shared

router = APIRouter(prefix="/waiting")
_stock = threading.Lock()


@router.get("/time_sleep", **fails(Diagnosis.BLOCKING_IO))
async def time_sleep() -> str:
    """Sleep on the loop."""
    time.sleep(WAIT_S)  # blocks: time_sleep
    return "slept"


@router.get("/open_read", **fails(Diagnosis.BLOCKING_IO))
async def open_read(shared: Shared) -> str:
    """Read a file whose content comes late."""
    with open(late_file(shared.folder)) as file:  # blocks: open_read
        return file.read()


@router.get("/path_read_text", **fails(Diagnosis.BLOCKING_IO))
async def path_read_text(shared: Shared) -> str:
    """Read the same by pathlib."""
    return Path(late_file(shared.folder)).read_text()  # blocks: path_read_text


@router.get("/subprocess_run", **fails(Diagnosis.BLOCKING_IO))
async def subprocess_run() -> int:
    """Wait for a program."""
    return subprocess.run(["sleep", str(WAIT_S)]).returncode  # blocks: subprocess_run


@router.get("/popen_communicate", **fails(Diagnosis.BLOCKING_IO))
async def popen_communicate() -> bytes:
    """Start a program and wait for its output."""
    process = subprocess.Popen(["sh", "-c", f"sleep {WAIT_S}; echo done"], stdout=subprocess.PIPE)
    output, _ = process.communicate()  # blocks: popen_communicate
    return output


@router.get("/os_system", **fails(Diagnosis.BLOCKING_IO))
async def os_system() -> int:
    """Wait for a shell."""
    return os.system(f"sleep {WAIT_S}")  # blocks: os_system


@router.get("/future_result", **fails(Diagnosis.BLOCKING_IO))
async def future_result(shared: Shared) -> str:
    """Offload to a thread, and then wait for it on the loop."""
    future = shared.executor.submit(time.sleep, WAIT_S)
    future.result()  # blocks: future_result
    return "done"


@router.get("/executor_shutdown", **fails(Diagnosis.BLOCKING_IO))
async def executor_shutdown() -> str:
    """Leave a pool's with block, which waits for its threads."""
    with ThreadPoolExecutor(2) as pool:  # blocks: executor_shutdown
        pool.submit(time.sleep, WAIT_S)
    return "done"


@router.get("/thread_join", **fails(Diagnosis.BLOCKING_IO))
async def thread_join() -> str:
    """Wait for a thread."""
    thread = threading.Thread(target=time.sleep, args=(WAIT_S,))
    thread.start()
    thread.join()  # blocks: thread_join
    return "joined"


@router.get("/lock_acquire", **fails(Diagnosis.BLOCKING_IO))
async def lock_acquire() -> str:
    """Wait for a lock that a thread holds."""
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(WAIT_S, lock.release).start()
    lock.acquire()  # blocks: lock_acquire
    return "acquired"


@router.get("/queue_get", **fails(Diagnosis.BLOCKING_IO))
async def queue_get() -> str:
    """Wait for a thread's message."""
    inbox: queue.Queue[str] = queue.Queue()
    threading.Timer(WAIT_S, inbox.put, args=("message",)).start()
    return inbox.get()  # blocks: queue_get


@router.get("/event_wait", **fails(Diagnosis.BLOCKING_IO))
async def event_wait() -> bool:
    """Wait for a thread's event, which does not come in time."""
    return threading.Event().wait(WAIT_S)  # blocks: event_wait


@router.get("/select_select", **fails(Diagnosis.BLOCKING_IO))
async def select_select() -> str:
    """Wait for a file descriptor by hand."""
    select.select([], [], [], WAIT_S)  # blocks: select_select
    return "nothing ready"


@router.get("/sqlite_busy", **fails(Diagnosis.BLOCKING_IO))
async def sqlite_busy(shared: Shared) -> str:
    """Wait for a database that somebody else keeps locked."""
    connection = sqlite3.connect(shared.busy_database, timeout=WAIT_S)
    try:
        connection.execute("SELECT name FROM sqlite_master")  # blocks: sqlite_busy
    except sqlite3.OperationalError:
        return "busy"
    finally:
        connection.close()
    return "free"


@router.get("/thread_lock_across_await", **fails(Diagnosis.BLOCKING_IO))
async def thread_lock_across_await() -> str:
    """Hold a threading.Lock across an await: one request is fine, the second stops the loop."""
    if not _stock.acquire(timeout=0.1):  # blocks: thread_lock_across_await
        return "served from the cache"
    try:
        await asyncio.sleep(0.1)
    finally:
        _stock.release()
    return "fresh"
