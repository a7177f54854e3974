"""The page: one self-contained file that fetches nothing and escapes everything of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import UsageError
from neverblock.report import summary
from neverblock.report.anchors import anchors, card_anchor
from neverblock.report.embedded_run import embedded

try:
    from neverblock.report import rows, tables
    from neverblock.report.capacity_section import capacity_cards
    from neverblock.report.claims import claims
    from neverblock.report.flame import folder_of, held, held_in_run, tree
    from neverblock.report.flame_svg import flame
    from neverblock.report.load_chart import described, over_time
    from neverblock.report.page_frame import fill
    from neverblock.report.sections import section
    from neverblock.report.svg import Inliner
except ImportError as error:
    raise UsageError(
        f"The HTML page needs {error.name}, which is not installed.",
        "Type: pip install 'neverblock[report]'",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from neverblock.result import Result, Run

MOST_TO_FIX = 9


def render(run: Run) -> str:
    """Give the page. Raises UsageError on import where the extra ``report`` is not installed."""
    groups = summary.grouped(run.results)
    named = anchors(groups)
    inliner = Inliner()
    table = rows.table(run, groups, named, inliner)
    calm = set() if run.lessons else {group.name for group in table.groups if group.calm}
    order = sorted(groups, key=lambda name: name in calm)
    capacities = capacity_cards(run.capacity, inliner)
    sections = [section(named[name], name, groups[name], inliner) for name in order]
    drawn = _over_time(run, inliner)
    return fill(
        "page.html",
        inliner.css,
        run=run,
        answer=summary.answer(run),
        counts=table.counts,
        surprises=[r for r in run.results if r.as_expected is False],
        fix_first=summary.fix_first(run.results)[:MOST_TO_FIX],
        claims=claims(run),
        capacities=capacities,
        anchors=named,
        card_anchor=card_anchor,
        table=table,
        calm=calm,
        sections=sections,
        lessons={lesson.pair: lesson for lesson in run.lessons},
        machine=tables.machine(run),
        facts=tables.facts(run),
        phases=tables.phases(run),
        packages=tables.packages(run),
        embedded_run=embedded(run),
        flames={name: _flame(run, name, group) for name, group in groups.items()},
        over_time=drawn,
        flame_of_run=flame(tree(held_in_run(run)), "What held the loop in this run"),
    )


def _over_time(run: Run, inliner: Inliner) -> Markup | None:
    """Draw the load of a run over time; None where there is none, or an older one."""
    if run.load is None or not run.load.timeline:
        return None
    timeline = run.load.timeline
    return inliner.svg(over_time(timeline), "The load over time", described(timeline))


def _flame(run: Run, name: str, group: Sequence[Result]) -> Markup | None:
    """Draw what held the loop in the failing results of a group."""
    failing = summary.fix_first(group)
    samples = (sample for result in failing for sample in held(result, folder_of(run)))
    return flame(tree(samples), f"What held the loop in {name}")
