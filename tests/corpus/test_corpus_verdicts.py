"""The whole machinery on a part of the corpus: verdict, diagnosis and line are those of its truth.

All of it takes minutes: ``make accuracy``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import chain

import pytest
import truth

from neverblock.analysis.harm import contradicts
from neverblock.model import Endpoint, Expectation, Scenario, Verdict
from neverblock.plan import Group, Plan, Subject, Target
from neverblock.reference.runner import run_plan
from neverblock.result import Criterion, Result
from neverblock.run.log import Watcher

WAITING = (
    ("time_sleep", "wait_20_of_100", "asyncio_lock"),
    ("sixty_waits_of_5", "wait_5_of_10", "default_executor"),
    ("background_task", "sleep_in_to_thread"),
)
COMPUTING = ("compute_60", "trivial", "json_10", "sum_in_threadpool", "response_model")
OF_ITS_OWN_LIMIT = ("compute_15",)
NAMES = (*chain(*WAITING), *COMPUTING, *OF_ITS_OWN_LIMIT)
MOST_INCONCLUSIVE = 2 / 100
"""Of the endpoints measured; docs/reliability.md has what to expect: none in 20 runs of 138."""

CASES = {case.name: case for case in truth.load()}


def group(*names, alone):
    """Put some cases on one server."""
    cases = [CASES[name] for name in names]
    subjects = tuple(
        Subject(
            Endpoint(case.name, case.method, case.path),
            case.request,
            Expectation(case.verdict, case.diagnosis),
        )
        for case in cases
    )
    return Group(names[0], subjects, alone=alone)


@dataclass(frozen=True)
class Measured:
    """The results by name, and how noisy the machine was in each of the runs they come from."""

    results: dict[str, Result]
    noise: tuple[object, ...]


def measured(*groups, criterion):
    """Measure some groups in one run."""
    plan = Plan(
        target=Target(truth.APP, truth.ROOT, loop="asyncio"),
        groups=groups,
        scenarios=(Scenario("gather", "gather", "gather"),),
        criterion=criterion,
    )
    ignore = Watcher(lambda _: None, lambda *_: None, lambda _: None)
    run = asyncio.run(run_plan(plan, {}, ignore))
    results = {result.endpoint.name: result for result in run.results}
    return Measured(results, (run.environment["noise"],))


@pytest.fixture(scope="module")
def corpus():
    """Measure what takes the usual limit in one run, and then what has a limit of its own."""
    waiting = [group(*names, alone=False) for names in WAITING]
    usual = measured(*waiting, group(*COMPUTING, alone=True), criterion=Criterion())
    (limit_s,) = {CASES[name].loop_limit_s for name in OF_ITS_OWN_LIMIT}
    criterion = Criterion(loop_limit_s=limit_s)
    strict = measured(group(*OF_ITS_OWN_LIMIT, alone=True), criterion=criterion)
    return Measured(usual.results | strict.results, usual.noise + strict.noise)


@pytest.mark.parametrize("name", NAMES)
def test_none_is_judged_against_its_truth(corpus, name):
    """Verdict, diagnosis and blamed line are right wherever there is a verdict."""
    case, result = CASES[name], corpus.results[name]
    if result.judgement.verdict is Verdict.INCONCLUSIVE:
        return  # which the test below allows few to be
    assert (result.judgement.verdict, result.judgement.diagnosis) == (
        case.verdict,
        case.diagnosis,
    ), (result.judgement.reason, corpus.noise)
    if case.blamed is None:
        assert result.blame == ()
        return
    worst, told = result.blame[0], case.blamed
    if told.by_framework:
        assert (worst.file, worst.function) == (told.file, told.function)
    else:
        assert (worst.file, worst.line) == (told.file, told.line)


@pytest.mark.parametrize("name", NAMES)
def test_none_contradicts_the_harm_that_was_measured(corpus, name):
    """No loop is called free that others waited for, whatever the truth is."""
    result = corpus.results[name]
    assert contradicts(result, result.criterion or Criterion()) is None, result.judgement.reason


def test_hardly_any_is_inconclusive(corpus):
    """A harness that never dares to judge is never wrong either."""
    unjudged = {
        name: result.judgement.reason
        for name, result in corpus.results.items()
        if result.judgement.verdict is Verdict.INCONCLUSIVE
    }
    assert corpus.results.keys() == set(NAMES)
    assert len(unjudged) <= MOST_INCONCLUSIVE * len(NAMES), (unjudged, corpus.noise)
