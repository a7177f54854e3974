"""The page: one self-contained file that fetches nothing and escapes everything of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neverblock.errors import UsageError
from neverblock.report import summary
from neverblock.report.anchors import anchors, card_anchor
from neverblock.report.embedded_run import embedded

try:
    from markupsafe import Markup

    from neverblock.report import rows, tables
    from neverblock.report.capacity_section import capacity_cards
    from neverblock.report.claims import claims
    from neverblock.report.flame import folder_of, held, held_in_run, tree
    from neverblock.report.flame_svg import MOST_FLAMES, flame
    from neverblock.report.hits_svg import hits
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
    from collections.abc import Iterator, Mapping, Sequence

    from neverblock.report.flame import Sample
    from neverblock.result import Result, Run

MOST_TO_FIX = 9
NO_FLAME = Markup(
    '<p class="soft small">The findings that held the loop for longer have one each; '
    "<code>neverblock report --speedscope FILE</code> writes them all.</p>"
)


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
        flames=_flames(run, groups),
        over_time=drawn,
        hits=hits(run.load) if run.load else None,
        flame_of_run=flame(tree(held_in_run(run)), "What held the loop in this run"),
    )


def _over_time(run: Run, inliner: Inliner) -> Markup | None:
    """Draw the load of a run over time; None where there is none, or an older one."""
    if run.load is None or not run.load.timeline:
        return None
    timeline = run.load.timeline
    return inliner.svg(over_time(timeline), "The load over time", described(timeline))


def _flames(run: Run, groups: Mapping[str, Sequence[Result]]) -> dict[str, Markup]:
    """Draw what held the loop in the failing results of each group, as far as there are any.

    Where there are too many, the groups in which it was held for the longest have a drawing, and
    the others a sentence.
    """
    trees = {name: tree(_held_in(run, group)) for name, group in groups.items()}
    held_ones = {name: root for name, root in trees.items() if root.held_s > 0}
    order = sorted(held_ones, key=lambda name: -held_ones[name].held_s)
    drawn = {n: flame(held_ones[n], f"What held the loop in {n}") for n in order[:MOST_FLAMES]}
    return {n: svg for n, svg in drawn.items() if svg} | dict.fromkeys(
        order[MOST_FLAMES:], NO_FLAME
    )


def _held_in(run: Run, group: Sequence[Result]) -> Iterator[Sample]:
    """Yield what held the loop in the failing results of a group."""
    for result in summary.fix_first(group):
        yield from held(result, folder_of(run))
