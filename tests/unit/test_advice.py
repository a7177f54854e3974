from __future__ import annotations

import pytest

from neverblock.analysis.advice import BLOCKED, advise
from neverblock.model import Diagnosis


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("time.sleep", "asyncio.sleep"),
        ("requests.api.get", "httpx.AsyncClient"),
        ("requests.sessions.Session.request", "httpx.AsyncClient"),
        ("requests.models.Response.json", "process"),
        ("httpx.Client", "httpx.AsyncClient"),
        ("httpx._api.get", "httpx.AsyncClient"),
        ("httpx._client.Client.get", "httpx.AsyncClient"),
        ("psycopg2.connect", "asyncpg"),
        ("psycopg2.extensions.cursor.execute", "asyncpg"),
        ("sqlalchemy.orm.session.Session.execute", "AsyncSession"),
        ("pymysql.cursors.Cursor.execute", "aiomysql"),
        ("redis.client.Redis.blpop", "redis.asyncio"),
        ("redis.commands.core.ListCommands.blpop", "redis.asyncio"),
        ("pymongo.synchronous.collection.Collection.find_one", "AsyncMongoClient"),
        ("sqlite3.Cursor.execute", "aiosqlite"),
        ("io.open", "aiofiles"),
        ("_io.TextIOWrapper.read", "aiofiles"),
        ("pathlib._local.Path.read_text", "anyio.Path"),
        ("subprocess.Popen.communicate", "create_subprocess_exec"),
        ("posix.system", "create_subprocess"),
        ("urllib.request.urlopen", "httpx.AsyncClient"),
        ("_socket.socket.recv", "asyncio streams"),
        ("socket.getaddrinfo", "loop.getaddrinfo"),
        ("smtplib.SMTP.sendmail", "aiosmtplib"),
        ("botocore.client.ClientCreator._create_api_method", "aioboto3"),
        ("concurrent.futures._base.Future.result", "wrap_future"),
        ("_thread.lock.acquire", "asyncio.Lock"),
        ("threading.Event.wait", "asyncio.Event"),
        ("queue.Queue.get", "asyncio.Queue"),
        ("logging.StreamHandler.emit", "QueueHandler"),
        ("openai.resources.chat.completions.Completions.create", "AsyncOpenAI"),
    ],
)
def test_waiting_calls(target, expected):
    """The calls that people block the loop with have a replacement of their own."""
    assert expected in advise(target, None, Diagnosis.BLOCKING_IO).instead


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("json.dumps", "process_pool"),
        ("pydantic.main.BaseModel.model_validate", "process_pool"),
        ("fastapi.encoders.jsonable_encoder", "Response("),
        ("bcrypt._bcrypt.hashpw", "to_thread"),
        ("_hashlib.pbkdf2_hmac", "to_thread"),
        ("hashlib.scrypt", "to_thread"),
        ("_hashlib.openssl_sha256", "process_pool"),
        ("re.Pattern.match", "re2"),
        ("pandas.core.frame.DataFrame.groupby", "process_pool"),
        ("numpy.linalg.svd", "to_thread"),
        ("numpy.array", "process_pool"),
        ("PIL.Image.Image.resize", "to_thread"),
        ("jinja2.environment.Template.render", "run_in_threadpool"),
        ("ssl.create_default_context", "ssl_context"),
        ("httpx._client.AsyncClient", "app.state.http"),
        ("builtins.sorted", "process_pool"),
    ],
)
def test_computing_calls(target, expected):
    """A computation goes to a thread where it leaves the GIL, to a process where it does not."""
    assert expected in advise(target, None, Diagnosis.BLOCKING_CPU).code


def test_the_longest_prefix_wins():
    """A name below another has the nearer one's advice."""
    near = advise("socket.getaddrinfo", None, Diagnosis.BLOCKING_IO)
    far = advise("socket.create_connection", None, Diagnosis.BLOCKING_IO)
    assert near != far
    assert "getaddrinfo" in near.instead


def test_a_prefix_ends_at_a_dot():
    """`re` does not speak for `records`, nor `redis` for `redistricting`."""
    general = advise("app.plan", "plan", Diagnosis.BLOCKING_CPU)
    assert advise("redistricting.plan", "plan", Diagnosis.BLOCKING_CPU) == general


@pytest.mark.parametrize(
    "target",
    [
        "redis.asyncio.client.Redis.get",
        "sqlalchemy.ext.asyncio.session.AsyncSession.execute",
        "pymongo.asynchronous.collection.AsyncCollection.find_one",
        "psycopg.cursor_async.AsyncCursor.execute",
        "openai.resources.chat.completions.AsyncCompletions.create",
        "grpc.aio._call.UnaryUnaryCall.__await__",
    ],
)
def test_the_asynchronous_half_is_not_told_to_become_asynchronous(target):
    """Computing inside an asynchronous driver gets the advice for computing."""
    advice = advise(target, None, Diagnosis.BLOCKING_CPU)
    general = advise(None, None, Diagnosis.BLOCKING_CPU)
    assert (advice.instead, advice.code) == (general.instead, general.code)
    assert "What is awaited" in advice.why


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("time.sleep", "asyncio.sleep"),
        ("sleep", "asyncio.sleep"),
        ("requests.get", "httpx.AsyncClient"),
        ("requests.Session().get", "httpx.AsyncClient"),
        ("open", "aiofiles"),
        ("open(path).read", "aiofiles"),
        ("Path(name).read_text", "anyio.Path"),
        ("cur.execute", "asynchronous driver"),
        ("self.db_cursor.fetchall", "asynchronous driver"),
        ("self._lock.acquire", "asyncio.Lock"),
        ("job_queue.get", "asyncio.Queue"),
        ("future.result", "wrap_future"),
        ("User.model_validate", "process"),
    ],
)
def test_source_text_decides_without_a_target(call, expected):
    """Where the call could not be resolved, its spelling is enough."""
    assert expected in advise(None, call, Diagnosis.BLOCKING_IO).instead


@pytest.mark.parametrize("call", ["settings.get", "block.acquire_turn", "x", "a[0](b)", "response"])
def test_source_text_is_read_conservatively(call):
    """A spelling that only resembles one of the table gets general advice."""
    general = advise(None, None, Diagnosis.BLOCKING_IO)
    assert advise(None, call, Diagnosis.BLOCKING_IO).instead == general.instead


def test_the_target_goes_before_the_text():
    """A resolved name outweighs what the source looks like."""
    advice = advise("psycopg2.extensions.cursor.execute", "queue.get", Diagnosis.BLOCKING_IO)
    assert "asyncpg" in advice.instead


def test_general_advice_names_the_call():
    """The call is put into the line of code, so that it can be pasted."""
    assert "(legacy.fetch, *args)" in advise("legacy.fetch", "legacy.fetch", BLOCKED[0]).code
    assert "(blocking_call, *args)" in advise(None, "legacy().fetch", BLOCKED[0]).code


def test_advice_on_a_call_to_the_system_names_that_call():
    """One entry is for all of a module; what is only asked as it is gone through has its own."""
    assert "(os.fsync, *args)" in advise("posix.fsync", "os.fsync", BLOCKED[0]).code
    assert "list(os.walk(path))" in advise("os.walk", "os.walk", BLOCKED[0]).code


@pytest.mark.parametrize(
    ("diagnosis", "expected"),
    [
        (Diagnosis.BLOCKING_IO, "run_in_threadpool"),
        (Diagnosis.BLOCKING_CPU, "process"),
        (Diagnosis.GIL_HELD, "process"),
        (Diagnosis.GIL_CONTENTION, "process"),
        (Diagnosis.COOPERATIVE_CPU, "process"),
        (Diagnosis.CPU_BOUND, "workers"),
        (Diagnosis.EXECUTOR_SATURATED, "executor"),
        (Diagnosis.SERIALIZED, "pool"),
        (Diagnosis.CONCURRENT, None),
        (Diagnosis.ERRORING, None),
        (Diagnosis.INCONCLUSIVE, None),
        (Diagnosis.SKIPPED, None),
    ],
)
def test_advice_from_the_diagnosis(diagnosis, expected):
    """A call that is not in the table gets its diagnosis' advice, an innocent one none."""
    advice = advise("legacy.call", "call", diagnosis)
    assert (expected in advice.instead) if expected else advice is None


def test_every_diagnosis_is_covered():
    """A diagnosis that is added later has to be thought about here."""
    silent = {
        *(Diagnosis.CONCURRENT, Diagnosis.ERRORING, Diagnosis.INCONCLUSIVE, Diagnosis.SKIPPED),
        Diagnosis.BLOCKING,  # seen from outside: no call is known
    }
    assert {d for d in Diagnosis if advise(None, None, d) is None} == silent


def test_a_held_gil_has_no_use_for_a_thread():
    """A call whose entry recommends a thread gets a process where it was seen keeping the GIL."""
    on_loop = advise("PIL.PngImagePlugin.PngImageFile.close", None, Diagnosis.BLOCKING_CPU)
    in_thread = advise("PIL.PngImagePlugin.PngImageFile.close", None, Diagnosis.GIL_HELD)
    assert "to_thread" in on_loop.code
    assert "process_pool" in in_thread.code


def test_each_executor_has_its_own_size():
    """A saturated executor is told by the call that waited for it."""
    default = advise("asyncio.threads.to_thread", None, Diagnosis.EXECUTOR_SATURATED)
    limiter = advise("starlette.concurrency.run_in_threadpool", None, Diagnosis.EXECUTOR_SATURATED)
    assert "set_default_executor" in default.code
    assert "total_tokens" in limiter.code
