"""Whatever general advice prints as code can work."""

from __future__ import annotations

import ast
from itertools import product

import pytest

from neverblock.analysis.advice import advise, load_entries
from neverblock.model import Diagnosis

FUNCTIONS = (("app.legacy.fetch", "legacy.fetch"), ("app.main.crunch", "crunch"))
METHODS = (
    ("app.main.Service.work", "self.work"),
    ("app.main.Service.work", "service.work"),
    ("app.main.Service.work", "work"),
    ("builtins.bytearray.extend", "rows.extend"),
    (None, "self.work"),
    (None, "cls.work"),
    (None, "work"),
)
COROUTINES = (
    ("asyncio.tasks.gather", "gather"),
    ("asyncio.tasks.wait_for", "asyncio.wait_for"),
    ("_asyncio.Task.cancel", "task.cancel"),
    ("anyio.to_thread.run_sync", "anyio.to_thread.run_sync"),
    ("starlette.concurrency.run_in_threadpool", "run_in_threadpool"),
    ("starlette.routing.Router.__call__", "self.app"),
    ("app.main.Middleware.app", "self.app"),
    ("app.main.dispatch.<locals>.call_next", "call_next"),
    ("neo4j._async.work.session.AsyncSession.work", "session.work"),
    ("aiokafka.producer.AIOKafkaProducer.start", "producer.start"),
    ("app.main.load", "await load"),
    (None, "await self.load"),
    (None, "asyncio.wait_for"),
    (None, "loop.create_task"),
)
INTERNALS = (
    ("_contextvars.Context.run", "_contextvars.Context.run"),
    ("_contextvars.Context.run", "self._context.run"),
    ("_thread.start_new_thread", "_thread.start_new_thread"),
    ("inspect.signature", "inspect.signature"),
    ("sys.settrace", "sys.settrace"),
    ("app.main.Service.__call__", "service"),
    ("app.main.Service.__getitem__", "self[key]"),
    ("app.main.Service._work", "self._work"),
    ("app.main.build.<locals>.inner", "inner"),
    ("app.main.<lambda>", "handler"),
    (None, "(lambda: 1)"),
    (None, "_.filter"),
    (None, "super().work"),
    (None, "rows[0].work"),
    (None, "a if b else c"),
    (None, "None.work"),
    (None, "service.__call__"),
    (None, "a.very.long.name.that.was.cut.sho…"),
    (None, ""),
    (None, None),
)
SPELLINGS = (*FUNCTIONS, *METHODS, *COROUTINES, *INTERNALS)
WITHIN = (None, "quote", "_quote", "Service.quote", "Service.__call__", "quote.<locals>.<lambda>")
GENERAL = tuple(
    {
        d
        for entry in load_entries()
        if not entry.calls and not entry.written
        for d in entry.diagnoses
    }
)
CASES = sorted(product(SPELLINGS, WITHIN, GENERAL), key=str)
PLACES = {"run_in_threadpool": 0, "to_thread": 0, "run_in_executor": 1}


def moved(code: str) -> list[tuple[ast.Call, str]]:
    """Give each call that hands work on in a line of code, and what it hands on."""
    calls = [node for node in ast.walk(tree(code)) if isinstance(node, ast.Call)]
    names = [(call, ast.unparse(call.func).rpartition(".")[2]) for call in calls]
    return [(call, ast.unparse(call.args[PLACES[name]])) for call, name in names if name in PLACES]


def tree(code: str) -> ast.AST:
    """Parse a line of code as the body of a coroutine function."""
    compile(code, "advice", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    return ast.parse(f"async def endpoint():\n    {code}")


def private_names(code: str) -> set[str]:
    """Name what is private or dunder in the dotted names of a line of code."""
    attributes = [node for node in ast.walk(tree(code)) if isinstance(node, ast.Attribute)]
    parts = {part for node in attributes for part in ast.unparse(node).split(".")}
    return {part for part in parts if part.startswith("_")}


def printed(spellings: tuple[tuple[str | None, str | None], ...]) -> list[tuple[str, str]]:
    """Give what general advice says for these calls wherever they are made: the call, the code."""
    return [
        (call or "", advise(target, call, diagnosis, within).code)
        for (target, call), within, diagnosis in CASES
        if (target, call) in spellings
    ]


def test_code_parses_and_has_no_private_name():
    """No internal of an interpreter or a library is printed as something to type."""
    for _, code in printed(SPELLINGS):
        assert private_names(code) == set(), code


@pytest.mark.parametrize("entry", load_entries(), ids=lambda entry: entry.advice.instead)
def test_the_table_has_no_private_name(entry):
    """What the table recommends is public, and no method is given to a process pool."""
    assert private_names(entry.advice.code) == set()
    for call, work in moved(entry.advice.code):
        assert "process_pool" not in ast.unparse(call) or work.isidentifier()


def test_a_function_is_handed_on_as_it_is():
    """What can run in a thread and in a process keeps its name."""
    assert all(call in code for call, code in printed(FUNCTIONS) if moved(code))


def test_no_coroutine_function_is_handed_on():
    """What is awaited goes to no thread and to no process."""
    for call, code in printed(COROUTINES):
        for _, work in moved(code):
            assert work != call.removeprefix("await ")
            assert work.endswith("_sync") or work == "blocking_call", code


def test_no_method_goes_to_a_process_pool():
    """A process gets a function of a module, even where the call is a method of an object."""
    for _, code in printed((*METHODS, *INTERNALS)):
        for call, work in moved(code):
            if "process_pool" in ast.unparse(call):
                assert work.isidentifier(), code


def test_a_method_that_waits_goes_to_a_thread():
    """A thread needs no pickle: it takes the method as it is."""
    assert "(self.work, *args)" in advise(None, "self.work", Diagnosis.BLOCKING_IO).code


def test_the_function_at_the_line_is_named():
    """Where the call can go nowhere, the user's own function says what is to be written."""
    advice = advise(None, "self._context.run", Diagnosis.BLOCKING_CPU, "Service.quote")
    assert advice.code == "result = await loop.run_in_executor(process_pool, quote_sync, *args)"
    assert advice.why.startswith("Move the part of quote() that blocks into a plain function")


def test_every_diagnosis_that_hands_work_on_is_covered():
    """The cases cover every diagnosis whose general advice hands work on."""
    assert {d for d in GENERAL if moved(advise(None, None, d).code)} == {
        Diagnosis.BLOCKING_IO,
        Diagnosis.BLOCKING_CPU,
        Diagnosis.GIL_HELD,
        Diagnosis.GIL_CONTENTION,
        Diagnosis.COOPERATIVE_CPU,
        Diagnosis.SHORT_WAITS,
    }
