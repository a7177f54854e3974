"""The page: one self-contained file that fetches nothing, runs no script and escapes everything."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from harness.errors import UsageError
from harness.judge import seconds
from harness.model import Verdict
from harness.render import summary
from harness.render.summary import printable

try:
    import jinja2
    import pandas as pd
    from markupsafe import Markup

    from harness.render import charts, crowd
    from harness.render.svg import Inliner
except ImportError as error:
    raise UsageError(
        f"The HTML page needs {error.name}, which is not installed.",
        "Type: pip install 'neverblock[report]'",
    ) from error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from harness.model import Endpoint, Scenario
    from harness.result import Measurement, Result, Run

MOST_TRACKS = 60
MOST_TO_MEND = 9
MOST_OF_A_NAME = 60


@dataclass(frozen=True, slots=True)
class Card:
    """One result and its chart."""

    result: Result
    chart: Markup | None


@dataclass(frozen=True, slots=True)
class Row:
    """The variants of a pair under one scenario, side by side."""

    scenario: Scenario
    cards: list[Card]


@dataclass(frozen=True, slots=True)
class Section:
    """All that is told of one pair, or of one endpoint of a user's app."""

    anchor: str
    name: str
    rows: list[Row]
    blamed: list[Result]
    figures: Markup | None


def render(run: Run) -> str:
    """Give the page. Raises UsageError on import where the extra ``report`` is not installed."""
    groups = summary.grouped(run.results)
    anchors = _anchors(groups)
    inliner = Inliner()
    sections = [_section(anchors[name], name, group, inliner) for name, group in groups.items()]
    overview = _overview(run, inliner)
    environment = _environment()
    style = f"{environment.get_template('style.css').render()}{inliner.css}"
    digest = b64encode(sha256(style.encode()).digest()).decode()
    return environment.get_template("page.html").render(
        run=run,
        answer=summary.answer(run),
        counts=summary.counts(run.results),
        mend=summary.mend_first(run.results)[:MOST_TO_MEND],
        groups=groups,
        anchors=anchors,
        sections=sections,
        overview=overview,
        lessons={lesson.pair: lesson for lesson in run.lessons},
        machine=_machine(run),
        facts=_facts(run),
        phases=_table(_phases(run)) if run.phases else None,
        packages=_packages(run),
        style=Markup(style),  # noqa: S704 - our own rules; nothing of a target is in them
        style_hash=f"sha256-{digest}",
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.render"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters |= {
        "seconds": seconds,
        "others_wait": summary.others_wait_s,
        "marked": summary.marked,
        "call_path": summary.call_path,
        "worth_telling": summary.worth_telling,
        "code": lambda text: printable(text.expandtabs(4)),
        "sentence": _sentence,
    }
    environment.globals |= {"symbols": summary.SYMBOLS, "check_symbols": summary.CHECK_SYMBOLS}
    return environment


def _finalized(value: object) -> object:
    """Spell out control characters in what a target named; markup of our own stays as it is."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return printable(value)
    return value


def _sentence(text: str) -> str:
    """Give a clause as a sentence."""
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _anchors(names: Iterable[str]) -> dict[str, str]:
    """Give each section a name for links, that stays the same from run to run."""
    anchors: dict[str, str] = {}
    for name in names:
        slug = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:MOST_OF_A_NAME] or "endpoint"
        taken = sum(each == slug or each.startswith(f"{slug}--") for each in anchors.values())
        anchors[name] = f"{slug}--{taken + 1}" if taken else slug
    return anchors


def _section(anchor: str, name: str, group: Sequence[Result], inliner: Inliner) -> Section:
    by_scenario: dict[Scenario, list[Result]] = {}
    for result in group:
        by_scenario.setdefault(result.scenario, []).append(result)
    rows = [Row(scenario, _cards(results, inliner)) for scenario, results in by_scenario.items()]
    blamed: dict[Endpoint, Result] = {}
    for result in group:
        if result.blame:
            blamed.setdefault(result.endpoint, result)
    measured = [(r, m) for r in group if (m := r.measurement)]
    figures = _table(_figures(measured), "figures") if measured else None
    return Section(anchor, name, rows, list(blamed.values()), figures)


def _cards(results: Sequence[Result], inliner: Inliner) -> list[Card]:
    """Draw results of one scenario at one scale, so that they can be compared by eye."""
    scale = charts.common_scale(results)
    cards = []
    for result in results:
        m = result.measurement
        if m is None or not result.records:
            cards.append(Card(result, None))
            continue
        draw = charts.timeline if result.scenario.duration_s is None else crowd.flow
        title = f"{result.endpoint.name} under {result.scenario.name}"
        told = (
            f"{len(result.records)} requests over {seconds(m.wall_s)}, where one takes "
            f"{seconds(m.solo_s)}; other requests waited up to {seconds(m.canary.longest_s)}"
        )
        cards.append(Card(result, inliner.svg(draw(result, m, scale), printable(title), told)))
    return cards


def _overview(run: Run, inliner: Inliner) -> Markup | None:
    """Draw all walls; of very many endpoints those that are farthest from their ideal."""
    found: dict[Endpoint, list[Result]] = {}
    for result in run.results:
        if result.measurement and result.scenario.duration_s is None:
            found.setdefault(result.endpoint, []).append(result)
    if not found:
        return None
    rows = list(found.values())
    if len(rows) > MOST_TRACKS:
        rows = sorted(rows, key=lambda row: min(_speedups(row)))[:MOST_TRACKS]
    figure = charts.overview(rows, run.criterion.document_limit_s)
    told = f"{len(rows)} endpoints; the figures are in the table of all results"
    return inliner.svg(figure, "Wall against serial bound", told)


def _speedups(results: Iterable[Result]) -> Iterable[float]:
    return (r.measurement.speedup for r in results if r.measurement)


def _figures(measured: Sequence[tuple[Result, Measurement]]) -> pd.DataFrame:
    columns = [
        printable(f"{r.endpoint.variant or r.endpoint.name}, {r.scenario.name}")
        for r, _ in measured
    ]
    return pd.DataFrame({index: _column(r, m) for index, (r, m) in enumerate(measured)}).set_axis(
        columns, axis="columns"
    )


def _column(result: Result, m: Measurement) -> dict[str, str]:
    half, most = summary.latencies_s(result.records)
    column = {
        "the very first took": seconds(m.warm_up_s),
        "one takes": seconds(m.solo_s),
        "in turn (serial bound)": seconds(m.serial_bound_s),
        "all took": seconds(m.wall_s),
        "limit": seconds(m.limit_s),
        "null app's floor": seconds(m.floor_s),
        "speed-up": f"{m.speedup:.2f}x of {m.n}",
        "efficiency": f"{m.efficiency:.2f}",
        "serial fraction": f"{m.serial_fraction:.2f}",
        "requests per second": f"{m.throughput_rps:.1f}",
        "half answered within": seconds(half),
        "95 % answered within": seconds(most),
        "others waited at most": seconds(m.canary.longest_s),
        "others waited, median": seconds(m.canary.median_s),
        "pings unanswered": f"{m.canary.lost} of {m.canary.sent}",
        "server's CPU": "unknown" if m.server_cpu_s is None else seconds(m.server_cpu_s),
        "client's longest lag": seconds(m.client_lag_s),
        "CPU stolen": f"{m.machine.steal:.1%}",
        "rounds kept, discarded": f"{len(m.walls_s)}, {len(m.discarded)}",
    }
    if m.loop and m.loop.armed:
        column |= {
            "loop held (share of its own time)": f"{m.loop.held:.0%}",
            "longest wait on the loop": seconds(m.loop.burst.longest_waiting_s),
            "longest computing on the loop": seconds(m.loop.burst.longest_computing_s),
            "longest GIL kept elsewhere": seconds(m.loop.burst.longest_gil_held_s),
        }
    return column


def _phases(run: Run) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "phase": [printable(p.name) for p in run.phases],
            "took": [seconds(p.duration_s) for p in run.phases],
            "share": [f"{p.duration_s / max(run.duration_s, 1e-9):.0%}" for p in run.phases],
        }
    )
    return frame.set_index("phase").rename_axis(None)


def _packages(run: Run) -> Markup | None:
    packages = run.environment.get("packages")
    if not isinstance(packages, dict) or not packages:
        return None
    return _table(pd.DataFrame({"version": pd.Series(packages, dtype=str).map(printable)}))


def _table(frame: pd.DataFrame, classes: str = "") -> Markup:
    table = frame.to_html(escape=True, border=0, classes=classes, na_rep="-")
    # pandas aligns by style attributes, which the page's policy forbids
    return Markup(table.replace(' style="text-align: right;"', ""))  # noqa: S704 - pandas escapes


def _machine(run: Run) -> str:
    environment = run.environment
    known = [f"Python {environment[k]}" for k in ("python",) if k in environment]
    known += [str(environment[k]) for k in ("platform",) if k in environment]
    known += [f"{environment[k]} CPUs" for k in ("cpus",) if k in environment]
    known += [f"noise: {noted}"] if (noted := summary.noise(run)) else []
    return ", ".join(known)


def _facts(run: Run) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [("target", run.target), ("started", run.started_at)]
    facts += [("took", seconds(run.duration_s)), ("scale", run.scale)]
    facts += [(k, v) for k, v in run.environment.items() if k not in {"packages", "noise"} and v]
    facts += [("noise", noted)] if (noted := summary.noise(run)) else []
    if control := run.control:
        told = f"{seconds(control.seen_s)} of a {seconds(control.block_s)} block at {control.line}"
        facts.append(("control", f"seen: {told}" if control.seen else f"NOT seen: {told}"))
    skipped = sum(r.judgement.verdict is Verdict.SKIPPED for r in run.results)
    return [*facts, ("skipped", skipped)] if skipped else facts
