"""What a run will do: groups of subjects, each group with a server of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from neverblock.model import Scenario

if TYPE_CHECKING:
    from neverblock.model import Endpoint, Expectation, Request
    from neverblock.result import Criterion, Lesson

GATHER = Scenario(name="gather", title="Requests at once, by httpx", engine="gather")
"""How one endpoint of a user's app is burdened."""


def burst_of(n: int, workers: int) -> Scenario:
    """Give how it is burdened by some processes: by Locust where there are several."""
    if workers == 1:
        return replace(GATHER, n=n)
    return Scenario("burst", f"Requests at once, by {workers} Locust processes", "locust", n)


@dataclass(frozen=True, slots=True)
class Subject:
    """One endpoint to measure, how to ask for it, and what is expected of it.

    ``own_time_s`` is the time of the endpoint's work where it is known beforehand; then the
    document's assertion is held to the expectation as well. ``n`` and ``loop_limit_s`` are its own
    where not None. ``statuses`` are its right answers; where empty, all below 400 are, but
    redirects only where ``redirects`` says so. An endpoint that nobody ``named`` but was found is
    left out, and not an error, where it refuses the request. ``made_up`` names the parameters of
    the request whose values nobody gave, and ``entry`` has the configuration that would give them.
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
    made_up: tuple[str, ...] = ()
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects that share one server; ``alone`` where they need the machine to themselves.

    ``scenarios`` names those of the plan that it is measured under; where empty, all.
    """

    name: str
    subjects: tuple[Subject, ...]
    needs: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    alone: bool = False
    scenarios: tuple[str, ...] = ()
    lesson: Lesson | None = None


@dataclass(frozen=True, slots=True)
class Interpreter:
    """The Python that serves the app: where it is, what it is, and what chose it (``why``).

    ``packages`` are the versions of what its environment has of the packages that were asked for.
    """

    path: str
    version: str
    implementation: str
    why: str
    packages: dict[str, str] = field(default_factory=dict)
    free_threaded: bool = False

    @property
    def place(self) -> str:
        """Where it is, as seen from the working folder, and what chose it."""
        path, here = Path(self.path), Path.cwd()
        return f"{path.relative_to(here) if path.is_relative_to(here) else path} ({self.why})"


@dataclass(frozen=True, slots=True)
class Suspect:
    """A line that an analyser suspects of holding the loop, as its output has it.

    ``source`` is the analyser's name. ``chain`` is the way to the line that it gives, if any: files
    and lines, the route's handler first.
    """

    file: str
    line: int
    rule: str
    message: str
    source: str
    chain: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The app under test, as uvicorn would take it, or the URL of one that runs already.

    ``command`` serves it in uvicorn's place, with ``{app}`` where the app goes; ``env`` is added
    to the server's environment. ``python`` is None for neverblock's own. ``marks`` are the lines
    whose runs the probe counts, by file.
    """

    app: str
    app_dir: Path = Path()
    factory: bool = False
    loop: str = "auto"
    command: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    start_timeout_s: float = 60.0
    python: Interpreter | None = None
    marks: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run needs to know.

    ``deadline_s`` is how long one request may take at most; ``port`` the first of the servers'
    ports, 0 for any free ones; ``one_by_one`` measures no two groups side by side; ``quick`` asks
    short endpoints no more often than long ones. ``in_test`` is true where a test asks: what an
    endpoint lacks is then told as a test would give it.
    """

    target: Target
    groups: tuple[Group, ...]
    scenarios: tuple[Scenario, ...]
    criterion: Criterion
    scale: float = 1.0
    deadline_s: float = 30.0
    port: int = 0
    one_by_one: bool = False
    quick: bool = False
    in_test: bool = False

    def scenarios_of(self, group: Group) -> tuple[Scenario, ...]:
        """Give the scenarios that a group is measured under, in the plan's order."""
        return tuple(s for s in self.scenarios if not group.scenarios or s.name in group.scenarios)

    def of(self, group: Group) -> Plan:
        """Give the plan as it is for one group: with that group's scenarios alone."""
        return replace(self, groups=(group,), scenarios=self.scenarios_of(group))

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
