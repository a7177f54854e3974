"""What is true of apps that do not declare it themselves, by module: from their docstrings.

A line is named by the function around it and by text that it begins with.
"""

from __future__ import annotations

import ast
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cases"))

from cases_truth import App, Case, Line

BODY = 3_000_000
PASSING = ("concurrent", "cooperative-cpu", "cpu-bound", "gil-contention")
SHARING = ("gil-contention", "cpu-bound")


class Place(NamedTuple):
    """A line, by the function around it and what it begins with; and its share of the time.

    An empty ``begin`` is all of the function, for which the framework holds the loop. Where what a
    line takes depends on the machine, ``beside_s`` is what the others take, in seconds, and the
    function is timed.
    """

    function: str
    begin: str
    share: float | None = None
    beside_s: float | None = None


class Truth(NamedTuple):
    """What an endpoint must get; ``more`` as the fields of ``Case`` say."""

    verdicts: tuple[str, ...]
    diagnoses: tuple[str, ...]
    places: tuple[Place, ...] = ()
    more: dict[str, Any] = {}  # noqa: RUF012 - never written to


def _passes(*diagnoses: str, **more: Any) -> Truth:
    return Truth(("pass",), diagnoses or ("concurrent",), more=more)


def _fails(diagnosis: str, *places: Place, **more: Any) -> Truth:
    return Truth(("fail",), (diagnosis,), places, more)


def _sleeps(function: str, **more: Any) -> Truth:
    return _fails("blocking-io", Place(function, "time.sleep"), **more)


HOLLOW = Truth(
    ("pass", "inconclusive"),
    (*PASSING, "inconclusive"),
    more={"words": ("made up|invented", "empty|nothing", "tenant")},
)
SELDOM = Truth(("pass", "fail"), ("concurrent", "blocking-io"), (Place("endpoint", "time.sleep"),))

TRUTHS: dict[str, dict[str, Truth]] = {
    "long_waits": {
        "/blocks_90_of_1000": _sleeps("blocks_90_of_1000"),
        "/blocks_400_of_5000": _sleeps("blocks_400_of_5000"),
        "/blocks_30_times_5_of_3000": _sleeps("blocks_30_times_5_of_3000"),
        "/computes_40_of_100": _passes("cooperative-cpu"),
        "/one_call_in_a_thread": _fails("executor-saturated"),
        "/one_short_call_in_a_thread": _fails("executor-saturated"),
        "/innocent": _passes(),
    },
    "greenlets": {
        "/waits": _sleeps("nap"),
        "/waits_30_of_130": _sleeps("nap"),
        "/waits_30_of_130_without": _sleeps("waits_30_of_130_without"),
        "/computes": _fails("blocking-cpu", Place("spin", "while")),
    },
    "greenlet_c": {
        "/innocent": _passes(),
        "/waits_in_c": _fails("blocking-io", Place("waits_in_c", "await")),
        "/z_innocent": _passes(),
    },
    "hops": {
        path: _passes("concurrent", *SHARING) for path in ("/hops", "/rows", "/to_thread", "/file")
    },
    "bodies": {
        "POST /raw": _passes(*PASSING, body_bytes=BODY),
        "POST /form": _passes(*PASSING, upload_bytes=BODY),
    },
    "collects": {
        "/on_the_loop": _fails("blocking-cpu", Place("on_the_loop", "return")),
        "/in_a_thread": _fails("gil-held", Place("in_a_thread", "return")),
    },
    "several_lines": {
        "/three": _fails(
            "blocking-cpu",
            *(
                Place("three", f"{name} = ", share)
                for name, share in zip("abc", (0.6, 0.2, 0.2), strict=True)
            ),
        ),
        "/called": _fails(
            "blocking-cpu", Place("spin", "while"), Place("load", "return", beside_s=0.06)
        ),
    },
    "rare": {f"/one_in_{every}": SELDOM for every in (2, 3, 5, 10)},
    "periodic": {path: _passes() for path in ("/price", "/stock", "/health")},
    "raw_mount": {"/innocent": _passes()},
    "in_a_container": {
        "/free": _passes(),
        "/blocks": _sleeps("blocks"),
        "/computes": _fails("blocking-cpu", Place("burn", "while")),
        "/computes_in_def": _passes(*SHARING),
        "/hashes_in_a_thread": _passes("cpu-bound"),
        "/answers": _passes(*PASSING),
    },
    "middleware": {"/big": _fails("blocking-cpu", Place("big", ""))},
    "threads_and_gil": {"/lines": _passes(*SHARING)},
    "hollow": {"/{tenant}/rows": HOLLOW},
}
VARIANTS: dict[str, dict[str, Any]] = {
    "threads_and_gil": {"env": {"THREADS": "64"}},
    "hollow": {"truths": {"/{tenant}/rows": _sleeps("rows", path={"tenant": "acme"})}},
}
"""What an app is checked a second time with: its environment, or another truth."""

BACKGROUND = {"periodic": (Place("sweep", "time.sleep"),)}
LISTED = {"raw_mount": ("/metrics",)}
QUOTAS = {"in_a_container": (1.0, 0.5)}


def shared(folder: Path) -> list[App]:
    """Give the apps of a folder whose truth stands here, by name."""
    found = []
    for module, truths in TRUTHS.items():
        if (file := folder / f"{module}.py").exists():
            found.append(_app(file, truths))
            if variant := VARIANTS.get(module):
                found.append(_app(file, variant.get("truths", truths), variant.get("env")))
    return found


def _app(file: Path, truths: dict[str, Truth], env: dict[str, str] | None = None) -> App:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    cases = [
        Case(
            path if " " in path else f"GET {path}",
            truth.verdicts,
            truth.diagnoses,
            tuple(_line(file, tree, place) for place in truth.places),
            **truth.more,
        )
        for path, truth in truths.items()
    ]
    return App(
        folder=file.parent,
        module=file.stem,
        cases=tuple(cases),
        background=tuple(_line(file, tree, place) for place in BACKGROUND.get(file.stem, ())),
        listed=LISTED.get(file.stem, ()),
        quotas=QUOTAS.get(file.stem, ()),
        env=env or {},
    )


def _line(file: Path, tree: ast.Module, place: Place) -> Line:
    """Find a place in a source. Raises ValueError where it is not, or not once."""
    (function,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == place.function
    )
    if not place.begin:
        number = function.lineno
        return Line(file.name, number, number, place.function, by_framework=True)
    (statement,) = (
        node
        for node in ast.walk(function)
        if isinstance(node, ast.stmt) and ast.unparse(node).startswith(place.begin)
    )
    last = statement.end_lineno or statement.lineno
    share = place.share
    if place.beside_s is not None:
        own_s = _takes_s(function)
        share = own_s / (own_s + place.beside_s)
    return Line(file.name, statement.lineno, last, place.function, share=share)


def _takes_s(function: ast.FunctionDef | ast.AsyncFunctionDef) -> float:
    """Give the median CPU time of a function that takes no argument and refers to nothing."""
    names: dict[str, Any] = {}
    source = ast.unparse(function)
    exec(source, names)  # noqa: S102 - of an app that is about to be run
    taken_s = []
    for _ in range(9):
        began_s = time.thread_time()
        names[function.name]()
        taken_s.append(time.thread_time() - began_s)
    return median(taken_s)
