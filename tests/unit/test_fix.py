from __future__ import annotations

import ast
import subprocess
from dataclasses import fields, replace

import pytest

from neverblock.analysis.advice import keeps_gil
from neverblock.analysis.fix import asleep, by_limiter, diff, in_thread, is_async_at, plain_def
from neverblock.analysis.fix_advice import IN_THREAD
from neverblock.measurement import Frame
from neverblock.model import Diagnosis
from neverblock.result import Advice, Blame, LoadFinding
from neverblock.storage.fixes import fix_of, fix_of_queue, located_with_fix

WAITS = '''"""An app."""

from __future__ import annotations

import time


async def page(url):
    """Sleep, ask, and go on."""
    time.sleep(1)
    text = requests.get(url, timeout=5).json()
    both = [ask(one) for one in text]
    await other()
    return both


async def calm(url):
    return requests.get(url)


def helper():
    time.sleep(1)
'''


def at(source, call, function):
    """Give the frame of a function that is at a call, by its text."""
    before = source[: source.index(call)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n") - 1
    return Frame(
        "/app/main.py", line, function, "project", call, call, line, column, column + len(call)
    )


def changed(source, after):
    """Give the lines that were taken away and put in, and see that the result can be read."""
    ast.parse(after)
    lines = diff(source, after, "main.py").splitlines()
    assert lines[:2] == ["--- a/main.py", "+++ b/main.py"]
    return [line for line in lines[2:] if line.startswith(("+", "-"))]


def test_a_function_that_awaits_nothing_becomes_a_plain_one():
    """One word goes; the framework then runs it in a thread."""
    after = plain_def(WAITS, at(WAITS, "requests.get(url)", "calm"))
    assert changed(WAITS, after) == ["-async def calm(url):", "+def calm(url):"]


@pytest.mark.parametrize(
    "body",
    [
        "await other()",
        "async with x: pass",
        "async for y in x: pass",
        "return [y async for y in x]",
        "yield 1",
        "asyncio.create_task(x)",
        "async def inner(): pass",
    ],
)
def test_a_function_that_wants_the_loop_stays_on_it(body):
    """What awaits, yields or speaks to the loop cannot be run in a thread."""
    source = f"async def f(x):\n    {body}\n"
    assert plain_def(source, Frame("/a.py", 2, "f", "project")) is None


def test_a_sleep_is_awaited_with_the_import_it_needs():
    """Only where the function around it can await."""
    after = asleep(WAITS, at(WAITS, "time.sleep(1)", "page"))
    assert changed(WAITS, after) == [
        "+import asyncio",
        "-    time.sleep(1)",
        "+    await asyncio.sleep(1)",
    ]
    helper = replace(at(WAITS, "time.sleep(1)", "helper"), line=22, end_line=22)
    assert asleep(WAITS, helper) is None


@pytest.mark.parametrize(
    "imports", ["import asyncio", "import asyncio, time", "import time\nimport json, asyncio"]
)
def test_what_is_imported_already_is_not_imported_again(imports):
    """Alone or among others; under another name it is another."""
    source = f"{imports}\n\n\nasync def f():\n    time.sleep(1)\n    await g()\n"
    after = asleep(source, at(source, "time.sleep(1)", "f"))
    assert changed(source, after) == ["-    time.sleep(1)", "+    await asyncio.sleep(1)"]
    other = source.replace("asyncio", "asyncio as aio", 1)
    assert "+import asyncio" in changed(other, asleep(other, at(other, "time.sleep(1)", "f")))


def test_a_call_goes_to_a_thread_and_keeps_its_arguments():
    """And what is done with its answer stays around it, in parentheses where it has to be."""
    after = in_thread(WAITS, at(WAITS, "requests.get(url, timeout=5)", "page"))
    assert changed(WAITS, after)[1:] == [
        "-    text = requests.get(url, timeout=5).json()",
        "+    text = (await asyncio.to_thread(requests.get, url, timeout=5)).json()",
    ]


@pytest.mark.parametrize(
    "line", ["return sorted(x, key=lambda y: ask(y))", "return list(ask(y) for y in x)"]
)
def test_what_cannot_be_awaited_where_it_stands_is_left_alone(line):
    """Within a lambda or a generator an await would be another function's."""
    source = f"async def f(x):\n    {line}\n    await g()\n"
    assert in_thread(source, at(source, "ask(y)", "f")) is None


def test_the_default_executor_gives_way_to_the_larger_one():
    """With the import that it needs."""
    source = "import asyncio\n\nasync def f():\n    return await asyncio.to_thread(ask, 1)\n"
    after = by_limiter(source, Frame("/a.py", 4, "f", "project"))
    assert changed(source, after)[-1] == "+    return await run_in_threadpool(ask, 1)"
    assert "from starlette.concurrency import run_in_threadpool" in after


def test_names_that_are_wider_in_bytes_do_not_shift_the_change():
    """The parser counts bytes, and a frame characters."""
    source = 'async def f(x):\n    é = "ü", time.sleep(1)\n'
    after = asleep(source, at(source, "time.sleep(1)", "f"))
    assert 'é = "ü", await asyncio.sleep(1)' in after


def test_a_file_that_is_no_python_is_left_alone():
    """Or is not the one that ran."""
    frame = Frame("/a.py", 1, "f", "project")
    assert plain_def("def (", frame) is by_limiter("def (", frame) is None
    assert not is_async_at("def (", frame)


def blamed(file, frame, target, owner_file="/site-packages/fastapi/routing.py"):
    """Blame a frame that the framework called."""
    outer = Frame(owner_file, 300, "run_endpoint_function", "framework")
    path = (replace(frame, file=str(file)), outer)
    return Blame(
        str(file), frame.line, frame.function, frame.call, 1.0, False, path=path, target=target
    )


def test_the_rules_come_in_the_order_of_what_they_change(tmp_path):
    """A sleep is awaited, a function that awaits nothing is made plain, else one call is moved."""
    file = tmp_path / "main.py"
    file.write_text(WAITS)
    frames = {
        "await asyncio.sleep(1)": (at(WAITS, "time.sleep(1)", "page"), "time.sleep"),
        "+def calm": (at(WAITS, "requests.get(url)", "calm"), "requests.api.get"),
        "asyncio.to_thread": (
            at(WAITS, "requests.get(url, timeout=5)", "page"),
            "requests.api.get",
        ),
    }
    for wanted, (frame, target) in frames.items():
        made = fix_of(blamed(file, frame, target), Diagnosis.BLOCKING_IO, tmp_path)
        assert wanted in made.diff


LOGIN = """def check(password):
    return bcrypt.checkpw(password, KNOWN)


async def login(form):
    await seen(form)
    return check(form.password)
"""


def test_a_call_in_a_plain_function_is_moved_where_it_can_be_awaited(tmp_path):
    """The handler that calls it awaits the whole function, and still returns what it gives."""
    file = tmp_path / "main.py"
    file.write_text(LOGIN)
    inner = at(LOGIN, "bcrypt.checkpw(password, KNOWN)", "check")
    place = blamed(file, inner, "bcrypt.checkpw")
    outer = replace(at(LOGIN, "check(form.password)", "login"), file=str(file))
    place = replace(place, path=(place.path[0], outer, place.path[1]))
    made = fix_of(place, Diagnosis.BLOCKING_CPU, tmp_path).diff.splitlines()
    assert "+    return await asyncio.to_thread(check, form.password)" in made
    assert not any("bcrypt" in line for line in made)


def test_what_no_thread_helps_gets_no_diff(tmp_path):
    """A call that keeps the GIL, a framework that we do not know, and a file outside the app."""
    file = tmp_path / "main.py"
    file.write_text(WAITS)
    frame = at(WAITS, "requests.get(url)", "calm")
    assert keeps_gil("json.loads")
    gil = blamed(file, frame, "json.loads")
    assert fix_of(gil, Diagnosis.BLOCKING_CPU, tmp_path) is None
    known = blamed(file, frame, "requests.api.get")
    assert fix_of(known, Diagnosis.GIL_HELD, tmp_path) is None
    assert fix_of(known, Diagnosis.BLOCKING_IO, tmp_path / "elsewhere") is None
    other = blamed(file, frame, "requests.api.get", "/site-packages/litestar/handlers.py")
    assert fix_of(other, Diagnosis.BLOCKING_IO, tmp_path).change is IN_THREAD


def test_what_is_made_once_or_locks_itself_gets_no_thread(tmp_path):
    """A client for each request is no better for being built in a thread, nor a slow log handler.

    Its requests would wait for the handler's lock one by one: only the advice itself helps.
    """
    file = tmp_path / "main.py"
    file.write_text(WAITS)
    frame = at(WAITS, "requests.get(url)", "calm")
    built = blamed(file, frame, "httpx.AsyncClient")
    assert fix_of(built, Diagnosis.BLOCKING_CPU, tmp_path) is None
    handler = Frame("/app/log.py", 3, "Slow.emit", "project", "time.sleep", "time.sleep")
    logs = blamed(file, replace(frame, target="logging.Logger.info"), "time.sleep")
    logs = replace(logs, path=(handler, *logs.path))
    assert fix_of(logs, Diagnosis.BLOCKING_IO, tmp_path) is None


@pytest.mark.parametrize("diagnosis", [Diagnosis.BLOCKING_CPU, Diagnosis.BLOCKING_IO])
def test_a_call_that_computes_in_a_loop_gets_no_thread_each_time(diagnosis, tmp_path):
    """Many short ones are not worth a hand-over each; one that waits is, however often."""
    source = "async def page():\n    while clock() < end:\n        pass\n    await other()\n"
    file = tmp_path / "main.py"
    file.write_text(source)
    made = fix_of(blamed(file, at(source, "clock()", "page"), "shop.clock"), diagnosis, tmp_path)
    assert (made is None) is (diagnosis is Diagnosis.BLOCKING_CPU)


def test_a_file_whose_lines_are_counted_in_two_ways_gets_no_diff(tmp_path):
    """A form feed would put the change on another line."""
    file = tmp_path / "main.py"
    file.write_text(WAITS.replace("import time", "import time\n\x0c"))
    frame = at(WAITS, "requests.get(url)", "calm")
    assert fix_of(blamed(file, frame, "requests.api.get"), Diagnosis.BLOCKING_IO, tmp_path) is None


def test_only_advice_about_the_default_executor_gets_its_diff(tmp_path):
    """A pool of the app's own is its own matter."""
    advice = Advice("12 threads in the pool that the app makes", "x", "y")
    assert fix_of_queue(advice, Frame("/a.py", 1, "f", "project"), tmp_path) is advice


def test_git_applies_what_is_made(tmp_path):
    """As it is, with one line around each change."""
    (tmp_path / "main.py").write_text(WAITS)
    after = asleep(WAITS, at(WAITS, "time.sleep(1)", "page"))
    made = f"before\n{diff(WAITS, after, 'main.py')}\nafter\n"
    subprocess.run(["git", "apply", "-p1", "-"], cwd=tmp_path, input=made, text=True, check=True)
    assert (tmp_path / "main.py").read_text() == after


def test_every_blamed_place_that_has_advice_gets_its_diff(tmp_path):
    """A finding of a load, or work that no request runs, is a place like any other."""
    file = tmp_path / "main.py"
    file.write_text(WAITS)
    place = blamed(file, at(WAITS, "time.sleep(1)", "page"), "time.sleep")
    found = LoadFinding(**{each.name: getattr(place, each.name) for each in fields(place)})
    shown = located_with_fix(found, Diagnosis.BLOCKING_IO, tmp_path)
    assert (shown.file, shown.advice) == ("main.py", None)
    found = replace(found, advice=Advice("asyncio.sleep", "x", "y"))
    shown = located_with_fix(found, Diagnosis.BLOCKING_IO, tmp_path)
    assert "+    await asyncio.sleep(1)" in shown.advice.diff
    assert "    time.sleep(1)" in shown.source
