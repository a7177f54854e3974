"""What is advised about the calls of single libraries, by the names that the probe sees."""

from __future__ import annotations

import ast
import asyncio  # noqa: F401 - among what is called
import fcntl  # noqa: F401 - among what is called
import gc  # noqa: F401 - among what is called
import gzip  # noqa: F401 - among what is called
import inspect  # noqa: F401 - among what is called
import sys
import time
import traceback  # noqa: F401 - among what is called
import zlib  # noqa: F401 - among what is called

import boto3
import botocore.session
import pytest
import starlette.middleware.gzip  # noqa: F401 - among what is called
from asgiref.sync import sync_to_async
from opentelemetry import trace  # noqa: F401 - among what is called
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, declarative_base, mapped_column

from neverblock.analysis.advice import advise
from neverblock.model import Diagnosis
from neverblock.probe.callee_name import resolve


class User(declarative_base()):
    """A row with a column that could be loaded later."""

    __tablename__ = "users"
    name: Mapped[str] = mapped_column(primary_key=True)


def advice_on(call: str, diagnosis: Diagnosis) -> str:
    """Give the code that is advised for a call of real objects, resolved as the probe does."""
    session, boto = AsyncSession(), boto3.session.Session
    core, in_thread = botocore.session.get_session(), sync_to_async(time.sleep)
    target = resolve(ast.parse(call, mode="eval").body, sys._getframe())
    if target is None:
        pytest.fail(f"{call} is nothing among {session}, {boto}, {core}, {in_thread}")
    return advise(target, call, diagnosis).code


@pytest.mark.parametrize(
    ("call", "diagnosis", "expected"),
    [
        ("boto.client", Diagnosis.BLOCKING_CPU, "app.state.s3 ="),
        ("boto3.client", Diagnosis.BLOCKING_CPU, "app.state.s3 ="),
        ("core.create_client", Diagnosis.BLOCKING_CPU, "app.state.s3 ="),
        ("trace.Tracer.start_as_current_span", Diagnosis.BLOCKING_IO, "BatchSpanProcessor"),
        ("fcntl.flock", Diagnosis.BLOCKING_IO, "to_thread(save_locked"),
        ("gc.collect", Diagnosis.BLOCKING_CPU, "gc.freeze()"),
        ("gc.collect", Diagnosis.GIL_HELD, "gc.freeze()"),
        ("in_thread", Diagnosis.SERIALIZED, "thread_sensitive=False"),
        ("sync_to_async", Diagnosis.EXECUTOR_SATURATED, "thread_sensitive=False"),
        ("User.name.__get__", Diagnosis.BLOCKING_CPU, "selectinload"),
        ("session.run_sync", Diagnosis.BLOCKING_IO, "selectinload"),
        ("session.execute", Diagnosis.SERIALIZED, "pool_size"),
        ("starlette.middleware.gzip.GZipMiddleware", Diagnosis.BLOCKING_CPU, "compresslevel=4"),
        ("gzip.compress", Diagnosis.BLOCKING_CPU, "to_thread"),
        ("zlib.compress", Diagnosis.BLOCKING_CPU, "to_thread"),
        ("inspect.stack", Diagnosis.BLOCKING_CPU, "currentframe"),
        ("inspect.getframeinfo", Diagnosis.BLOCKING_IO, "currentframe"),
        ("traceback.extract_stack", Diagnosis.BLOCKING_CPU, "currentframe"),
        ("asyncio.create_subprocess_exec", Diagnosis.BLOCKING_IO, "start_new_session"),
        ("asyncio.create_subprocess_shell", Diagnosis.BLOCKING_CPU, "start_new_session"),
    ],
)
def test_calls_of_libraries_that_are_here(call, diagnosis, expected):
    """The names under which the probe sees these calls have a replacement of their own."""
    assert expected in advice_on(call, diagnosis)


@pytest.mark.parametrize(
    ("target", "diagnosis", "expected"),
    [
        (
            "aiobotocore.session.ClientCreatorContext.__aenter__",
            Diagnosis.BLOCKING_CPU,
            "app.state",
        ),
        ("aioboto3.session.Session.resource", Diagnosis.BLOCKING_CPU, "app.state"),
        (
            "opentelemetry.sdk.trace.export.SimpleSpanProcessor.on_end",
            Diagnosis.BLOCKING_IO,
            "Batch",
        ),
        ("prometheus_client.exposition.generate_latest", Diagnosis.BLOCKING_CPU, "http_server"),
        ("tokenizers.Tokenizer.encode", Diagnosis.GIL_HELD, "async_encode"),
        ("tiktoken.core.Encoding.encode", Diagnosis.BLOCKING_CPU, "to_thread"),
        ("cimpl.Producer.flush", Diagnosis.BLOCKING_IO, "await request.app.state.producer.produce"),
        ("kafka.producer.kafka.KafkaProducer.flush", Diagnosis.BLOCKING_IO, "send_and_wait"),
        ("strawberry.schema.schema.Schema.execute_sync", Diagnosis.BLOCKING_CPU, "async def"),
        ("graphql.graphql.graphql_sync", Diagnosis.BLOCKING_IO, "async def"),
        ("_posixsubprocess.fork_exec", Diagnosis.GIL_HELD, "start_new_session"),
        ("subprocess.run", Diagnosis.GIL_HELD, "start_new_session"),
        ("subprocess.run", Diagnosis.BLOCKING_IO, "process.communicate"),
    ],
)
def test_calls_of_libraries_that_are_not_here(target, diagnosis, expected):
    """These names are what the libraries' own releases have."""
    assert expected in advise(target, None, diagnosis).code
