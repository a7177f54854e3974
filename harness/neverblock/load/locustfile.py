"""A locustfile made from requests: what a check would ask, evenly."""

from __future__ import annotations

import keyword
import re
from typing import TYPE_CHECKING

from neverblock.load.literals import AsTheyAre, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.plan import Subject

_HEAD = '''"""Users who ask for every endpoint of the app, evenly.

    {command}locust -f {name} --host http://127.0.0.1:8000
"""

{imports}from locust import FastHttpUser, constant, task


class User(FastHttpUser):
    """Asks for one endpoint after another, each as often as any other."""

    wait_time = constant(0.1)
'''

METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
"""For which a user's client has a function."""

WIDTH = 88
"""Of a line, as formatters have it."""


def locustfile(
    subjects: Iterable[Subject],
    name: str = "locustfile.py",
    writer: AsTheyAre | None = None,
    left_out: Iterable[str] = (),
) -> str:
    """Give the text of a locustfile that asks for each of the endpoints; ``name`` is the file's.

    ``writer`` says how values stand in it, as they are by default; ``left_out`` are endpoints that
    it does not ask for, with the reason.
    """
    writer = writer or AsTheyAre()
    used: set[str] = set()
    tasks = [_task(subject, used, writer) for subject in subjects]
    imports = "".join(f"{each}\n" for each in sorted(writer.imports, key=_order))
    command = "".join(f"{variable}=... " for variable in writer.variables)
    head = _HEAD.format(name=name, command=command, imports=imports and f"{imports}\n")
    comments = "".join(f"    # not asked: {' '.join(each.split())}\n" for each in left_out)
    return head + (comments and f"\n{comments}") + "".join(tasks)


def _order(statement: str) -> tuple[bool, str]:
    return statement.startswith("from"), statement


def _task(subject: Subject, used: set[str], writer: AsTheyAre) -> str:
    request, endpoint = subject.request, subject.endpoint
    arguments = [writer.text(request.path)]
    if endpoint.path != request.path:
        arguments.append(f"name={quoted(endpoint.path)}")
    if request.headers:
        headers = (
            f"{quoted(name)}: {writer.header(name, value)}" for name, value in request.headers
        )
        arguments.append(f"headers={{{', '.join(headers)}}}")
    if request.content is not None:
        arguments.append(f"data={writer.content(request.content)}")
    call = f"self.client.{request.method.lower()}"
    if request.method not in METHODS:
        call, arguments = "self.client.request", [quoted(request.method), *arguments]
    line = f"        {call}({', '.join(arguments)})"
    if len(line) > WIDTH:
        lines = "".join(f"            {argument},\n" for argument in arguments)
        line = f"        {call}(\n{lines}        )"
    return f"""
    @task
    def {_function(endpoint.method, endpoint.path, used)}(self):
{line}
"""


def _function(method: str, path: str, used: set[str]) -> str:
    """Give a name for a task that no other has."""
    words = re.sub(r"\W+", "_", f"{method} {path}").strip("_").lower()
    first = words if words.isidentifier() and not keyword.iskeyword(words) else f"task_{words}"
    name, number = first, 2
    while name in used:
        name, number = f"{first}_{number}", number + 1
    used.add(name)
    return name
