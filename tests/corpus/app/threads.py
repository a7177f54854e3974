"""Endpoints that use threads: some keep the GIL, some share it, some free it, some queue."""

from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import re
import time
import zlib

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from neverblock.model import Diagnosis

from app.catalogue import NOISE, NUMBERS, ROW, ROWS, ROWS_JSON, SCAN
from app.declared import fails, passes
from app.sizes import compute

router = APIRouter(prefix="/threads")


@router.get("/regex_in_def", **fails(Diagnosis.GIL_HELD))
def regex_in_def() -> bool:
    """Backtrack in a thread, which keeps the GIL."""
    return re.search(r"(a+)+$", SCAN) is None  # blocks: regex_in_def


@router.get("/json_dumps_in_def", **fails(Diagnosis.GIL_HELD))
def json_dumps_in_def() -> int:
    """Render a large document in a thread, in one call of C."""
    return len(json.dumps(ROWS))  # blocks: json_dumps_in_def


@router.get("/json_loads_in_thread", **fails(Diagnosis.GIL_HELD))
async def json_loads_in_thread() -> int:
    """Parse a large document in a thread, in one call of C."""
    return await asyncio.to_thread(_count_rows)


def _count_rows() -> int:
    return len(json.loads(ROWS_JSON))  # blocks: json_loads_in_thread


@router.get("/sum_in_threadpool", **fails(Diagnosis.GIL_HELD))
async def sum_in_threadpool() -> int:
    """Add many numbers in a thread, in one call of C."""
    return await run_in_threadpool(_add_up)


def _add_up() -> int:
    return sum(range(15_000_000))  # blocks: sum_in_threadpool


@router.get("/python_in_def", **passes(Diagnosis.GIL_CONTENTION))
def python_in_def() -> str:
    """Compute in Python in a thread, which shares the GIL."""
    compute(0.1)
    return "done"


@router.get("/python_in_thread", **passes(Diagnosis.GIL_CONTENTION))
async def python_in_thread() -> int:
    """Do the same by to_thread."""
    return await asyncio.to_thread(_count_primes)


def _count_primes() -> int:
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 90_000))


@router.get("/deepcopy_in_def", **passes(Diagnosis.GIL_CONTENTION))
def deepcopy_in_def() -> int:
    """Copy a deep structure in a thread, object by object."""
    return len(copy.deepcopy([dict(ROW) for _ in range(60_000)]))


@router.get("/pbkdf2_in_def", **passes(Diagnosis.CPU_BOUND))
def pbkdf2_in_def() -> str:
    """Hash a password in a thread, which frees the GIL."""
    return hashlib.pbkdf2_hmac("sha256", b"pass", b"salt", 800_000).hex()


@router.get("/compress_in_thread", **passes(Diagnosis.CPU_BOUND))
async def compress_in_thread() -> int:
    """Compress in a thread, which frees the GIL."""
    return len(await asyncio.to_thread(zlib.compress, NOISE))


@router.get("/hash_file_in_threadpool", **passes(Diagnosis.CPU_BOUND))
async def hash_file_in_threadpool() -> str:
    """Hash a large buffer in a thread, which frees the GIL."""
    return (await run_in_threadpool(hashlib.blake2b, NUMBERS.data)).hexdigest()


@router.get("/default_executor", **fails(Diagnosis.EXECUTOR_SATURATED))
async def default_executor() -> str:
    """Offload six calls per request: ten requests are more than the default executor has."""
    await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.1) for _ in range(6)))
    return "done"


@router.get("/anyio_limiter", **fails(Diagnosis.EXECUTOR_SATURATED))
async def anyio_limiter() -> str:
    """Offload sixteen calls per request: ten requests are more than anyio has tokens."""
    await asyncio.gather(*(run_in_threadpool(time.sleep, 0.1) for _ in range(16)))
    return "done"


@router.get("/crowd_of_defs", **fails(Diagnosis.EXECUTOR_SATURATED, n=150))
def crowd_of_defs() -> str:
    """Sleep in a thread, for more users than there are threads.

    Long enough that the loop's own work for so many requests is less on a slow machine as well.
    """
    time.sleep(0.3)
    return "done"
