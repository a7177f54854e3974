"""What a run will do: lanes of subjects, each lane with a server of its own."""

from __future__ import annotations

import difflib
import sys
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.errors import TargetError, UsageError
from harness.model import Endpoint, Scenario
from harness.result import Lesson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harness.model import Expectation, Pair, Request
    from harness.result import Criterion

GATHER = Scenario(name="gather", title="Requests at once, by httpx", engine="gather")
"""How one endpoint of a user's app is burdened."""


@dataclass(frozen=True, slots=True)
class Subject:
    """One endpoint to measure, how to ask for it, and what is expected of it.

    ``own_time_s`` is the time of the endpoint's work where it is known beforehand; then the
    document's assertion is held to the expectation as well. ``n`` and ``loop_limit_s`` are its own
    where not None. ``statuses`` are its right answers; where empty, all below 400 are, but
    redirects only where ``redirects`` says so. An endpoint that nobody ``named`` but was found is
    left out, and not an error, where it refuses the request.
    """

    endpoint: Endpoint
    request: Request
    expected: Expectation | None = None
    own_time_s: float | None = None
    n: int | None = None
    loop_limit_s: float | None = None
    statuses: tuple[int, ...] = ()
    redirects: bool = True
    named: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """Subjects that share one server; ``alone`` where they need the machine to themselves."""

    name: str
    subjects: tuple[Subject, ...]
    needs: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    alone: bool = False
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The app under test, as uvicorn would take it, or the URL of one that runs already.

    ``command`` serves it in uvicorn's place, with ``{app}`` where the app goes; ``env`` is added
    to the server's environment.
    """

    app: str
    app_dir: Path = Path()
    factory: bool = False
    loop: str = "auto"
    command: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    start_timeout_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs to know.

    ``deadline_s`` is how long one request may take at most; ``port`` the first of the servers'
    ports, 0 for any free ones; ``one_by_one`` measures no two lanes side by side; ``quick`` asks
    short endpoints no more often than long ones.
    """

    target: Target
    lanes: tuple[Lane, ...]
    scenarios: tuple[Scenario, ...]
    criterion: Criterion
    scale: float = 1.0
    deadline_s: float = 30.0
    port: int = 0
    one_by_one: bool = False
    quick: bool = False

    def criterion_of(self, subject: Subject) -> Criterion:
        """Give the limits for one subject: work that is not scaled keeps the document's 2 s."""
        limits = replace(self.criterion, accepted=subject.statuses)
        if subject.own_time_s is None:
            limits = replace(limits, document_limit_s=limits.document_limit_s / self.scale)
        if subject.loop_limit_s is not None:
            limits = replace(limits, loop_limit_s=subject.loop_limit_s)
        return limits

    def scenario_of(self, scenario: Scenario, subject: Subject) -> Scenario:
        """Give a scenario as one subject gets it: with its own n, where it has one."""
        return scenario if subject.n is None else replace(scenario, n=subject.n)


def load(import_string: str, app_dir: Path) -> Any:
    """Import what ``module:attribute`` names, with ``app_dir`` on the path first.

    Raises UsageError for a string of another form, TargetError where it cannot be imported.
    """
    module, _, attribute = import_string.partition(":")
    if not module or not attribute:
        raise UsageError(
            f"{import_string!r} is no import string.", "Write it as package.module:attribute."
        )
    if str(app_dir.resolve()) not in sys.path:
        sys.path.insert(0, str(app_dir.resolve()))
    try:
        return getattr(import_module(module), attribute)
    except AttributeError as error:
        raise TargetError(
            f"{import_string} cannot be imported: {error}.", f"What does {module} define?"
        ) from error
    except Exception as error:  # the module's own code may raise anything
        raise TargetError(
            f"{import_string} cannot be imported: {error}.",
            "Start neverblock in the project's folder, or name it with --app-dir; "
            "the reference app needs: pip install 'neverblock[reference]'.",
        ) from error


def choose(wanted: Sequence[str], known: Sequence[str], kind: str) -> tuple[str, ...]:
    """Give the wanted names, or all known ones where none is wanted.

    Raises UsageError for an unknown name and suggests the nearest.
    """
    for name in wanted:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise UsageError(
                f"There is no {kind} {name!r}.", f"{meant}Choose from: {', '.join(known)}."
            )
    return tuple(name for name in known if name in wanted) if wanted else tuple(known)


def pair_lane(pair: Pair, scale: float) -> Lane:
    """Give the lane of one pair of the reference app: all its variants on one server."""
    own_time_s = None if pair.own_time_s is None else pair.own_time_s * scale
    return Lane(
        name=pair.name,
        subjects=tuple(
            Subject(
                endpoint=Endpoint(
                    name=f"{pair.name}/{name}",
                    method=variant.request.method,
                    path=variant.request.path,
                    pair=pair.name,
                    variant=name,
                ),
                request=variant.request,
                expected=variant.expect,
                own_time_s=own_time_s,
            )
            for name, variant in pair.variants.items()
        ),
        needs=pair.needs,
        env={"NEVERBLOCK_PAIRS": pair.name, "NEVERBLOCK_SCALE": f"{scale:g}"},
        alone=pair.computes,
        lesson=Lesson(pair.name, pair.title, pair.blocking_call, pair.replacement, pair.why),
    )
