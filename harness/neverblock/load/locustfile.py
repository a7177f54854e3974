"""A locustfile made from requests: what a check would ask, evenly."""

from __future__ import annotations

import keyword
import re
from pprint import pformat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from neverblock.plan import Subject

_HEAD = '''"""Users who ask for every endpoint of the app, evenly.

    locust -f {name} --host http://127.0.0.1:8000
"""

from locust import FastHttpUser, constant, task


class User(FastHttpUser):
    """Asks for one endpoint after another, each as often as any other."""

    wait_time = constant(0.1)
'''


def locustfile(subjects: Iterable[Subject], name: str = "locustfile.py") -> str:
    """Give the text of a locustfile that asks for each of the endpoints; ``name`` is the file's."""
    used: set[str] = set()
    tasks = [_task(subject, used) for subject in subjects]
    return _HEAD.format(name=name) + "".join(tasks)


def _task(subject: Subject, used: set[str]) -> str:
    request, endpoint = subject.request, subject.endpoint
    arguments = [repr(request.method), repr(request.path)]
    if endpoint.path != request.path:
        arguments.append(f"name={endpoint.path!r}")
    if request.headers:
        arguments.append(f"headers={pformat(dict(request.headers))}")
    if request.content is not None:
        arguments.append(f"data={request.content!r}")
    lines = "".join(f"            {argument},\n" for argument in arguments)
    return f"""
    @task
    def {_function(endpoint.method, endpoint.path, used)}(self):
        self.client.request(
{lines}        )
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
