"""The page's tables of figures, by pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from neverblock.model import Verdict
from neverblock.report import summary
from neverblock.report.resources import between, cap_sentence, parts
from neverblock.report.summary import printable
from neverblock.units import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.measurement import Measurement
    from neverblock.result import Result, Run


def figures(results: Sequence[Result]) -> Markup | None:
    """Give all figures of some results, a column each; None where nothing was measured."""
    measured = [(r, m) for r in results if (m := r.measurement)]
    if not measured:
        return None
    names = [
        printable(f"{r.endpoint.variant or r.endpoint.name}, {r.scenario.name}")
        for r, _ in measured
    ]
    columns = {index: _column(r, m) for index, (r, m) in enumerate(measured)}
    return table(pd.DataFrame(columns).set_axis(names, axis="columns"), "figures")


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
        "bursts": f"{len(m.walls_s)}",
    }
    for part in parts(m):
        column[f"needs at least: {part.name}"] = between(part.low_s, part.high_s)
    if cap := cap_sentence(m):
        column["cap"] = cap
    if m.loop and m.loop.armed:
        column |= {
            "one request holds the loop for": seconds(m.loop.held * m.solo_s),
            "longest wait on the loop": seconds(m.loop.burst.longest_waiting_s),
            "longest computing on the loop": seconds(m.loop.burst.longest_computing_s),
            "longest GIL kept elsewhere": seconds(m.loop.burst.longest_gil_held_s),
        }
    return column


def phases(run: Run) -> Markup | None:
    """Give where the time of the run went."""
    if not run.phases:
        return None
    frame = pd.DataFrame(
        {
            "phase": [printable(p.name) for p in run.phases],
            "took": [seconds(p.duration_s) for p in run.phases],
            "share": [f"{p.duration_s / max(run.duration_s, 1e-9):.0%}" for p in run.phases],
        }
    )
    return table(frame.set_index("phase").rename_axis(None))


def packages(run: Run) -> Markup | None:
    """Give the versions of the packages of the run."""
    versions = run.environment.get("packages")
    if not isinstance(versions, dict) or not versions:
        return None
    named = pd.Series({printable(name): printable(version) for name, version in versions.items()})
    return table(pd.DataFrame({"version": named}))


def table(frame: pd.DataFrame, classes: str = "") -> Markup:
    """Give a frame as a table."""
    text = frame.to_html(escape=True, border=0, classes=classes, na_rep="-")
    # pandas aligns by style attributes, which the page's policy forbids
    text = text.replace(' style="text-align: right;"', "").replace("<th></th>", "<td></td>")
    return Markup(text)  # noqa: S704 - pandas escapes


def machine(run: Run) -> str:
    """Give the machine in one line."""
    environment = run.environment
    known = [f"Python {environment[k]}" for k in ("python",) if k in environment]
    known += [str(environment[k]) for k in ("platform",) if k in environment]
    if isinstance(cpus := environment.get("cpus"), int | float):
        known.append(f"{cpus:g} CPUs")
    known += [blind] if (blind := summary.tier_note(run)) else []
    known += [f"noise: {noted}"] if (noted := summary.noise(run)) else []
    return ", ".join(known)


def facts(run: Run) -> list[tuple[str, Any]]:
    """Give what else is known of the run, as names and values."""
    known: list[tuple[str, Any]] = [("target", run.target), ("started", run.started_at)]
    known += [("took", seconds(run.duration_s)), ("scale", run.scale)]
    known += [(k, v) for k, v in run.environment.items() if k not in {"packages", "noise"} and v]
    known += [("noise", noted)] if (noted := summary.noise(run)) else []
    if control := run.control:
        seen = f"{seconds(control.seen_s)} of a {seconds(control.block_s)} block at {control.line}"
        known.append(("control", f"seen: {seen}" if control.seen else f"NOT seen: {seen}"))
    skipped = sum(r.judgement.verdict is Verdict.SKIPPED for r in run.results)
    return [*known, ("skipped", skipped)] if skipped else known
