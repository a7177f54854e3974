"""Check every app of a folder again and again, and print what each endpoint got beside its truth.

``python benchmarks/cases.py --times 5 --busy 1``

The apps of ``tests/cases`` declare their truth; that of others is in ``cases_shared.py``. An app
whose truth holds in a container is checked under a control group's quota of CPU time as well. Exits
with 1 where anything was wrong; where no quota can be set, it says so and does not count that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import defaultdict
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cases_shared import shared
from corpus_runs import neighbours
from quota import NotAvailableError, quota

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cases"))

from cases_check import as_typed, check, present
from cases_judge import complaints, complaints_of_app, contradictions, where
from cases_truth import FOLDER, App, Case, apps

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = ("endpoint", "must be", "what it got", "blamed", "right")


class Got(NamedTuple):
    """What a check made of an endpoint, or of the app as a whole, in words; and what is wrong."""

    what: str
    where: str
    wrong: tuple[str, ...]


def results(app: App, run: dict[str, Any]) -> Iterator[tuple[str, str, Got]]:
    """Give each endpoint of a checked app with what it must be and what it got."""
    by_name = {result["endpoint"]["name"]: result for result in run["results"]}
    contradicted = contradictions(run)
    for case in filter(present, app.cases):
        one = got(case, by_name.get(case.name))
        if said := contradicted.get(case.name):
            one = one._replace(wrong=(*one.wrong, said))
        yield case.name, case.must_be, one
    if app.background or app.listed:
        wrong = tuple(complaints_of_app(app, run))
        named = [finding["place"] for finding in run.get("background", ())]
        at = ", ".join(f"{place['file']}:{place['line']}" for place in named)
        yield "the app as a whole", truth_of(app), Got("; ".join(wrong) or "all of it", at, wrong)


def got(case: Case, result: dict[str, Any] | None) -> Got:
    """Hold a result to its truth."""
    what = f"{result['verdict']}, {result['diagnosis']}" if result else "not checked"
    return Got(what, where(result), tuple(complaints(case, result)))


def truth_of(app: App) -> str:
    """Say what is true of an app beside its endpoints."""
    lines = [f"names {line.file}:{line.first}" for line in app.background]
    return ", ".join([*lines, *(f"checks or lists {path}" for path in app.listed)])


def row(name: str, must_be: str, all_got: list[Got]) -> str:
    """Give one endpoint as a row of the table, equal results counted together."""
    right = sum(not one.wrong for one in all_got)
    wrong = sorted({complaint for one in all_got for complaint in one.wrong})
    cells = (
        name,
        must_be,
        counted([one.what for one in all_got]),
        counted([one.where for one in all_got]),
        f"{right} of {len(all_got)}" + (f" **wrong**: {'; '.join(wrong)}" if wrong else ""),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def counted(texts: list[str]) -> str:
    """Give texts in the order in which they came, equal ones in a row as 'n x'."""
    runs: list[tuple[str, int]] = []
    for text in texts:
        times = runs.pop()[1] if runs and runs[-1][0] == text else 0
        runs.append((text, times + 1))
    if len(runs) == 1:
        return runs[0][0]
    return "<br>".join(f"{times} x {text or 'nowhere'}" for text, times in runs)


def measured(app: App, cores: float | None, options: argparse.Namespace) -> bool | None:
    """Check an app a number of times, under a quota if one is given, and print its table.

    Gives whether all of it was right, None where no quota can be set.
    """
    found: dict[tuple[str, str], list[Got]] = defaultdict(list)
    beside = [f"{key}={value}" for key, value in app.env.items()]
    beside += [] if cores is None else [f"a quota of {cores:g} of a core"]
    title = ", ".join([app.module, *beside])
    print(f"\n## {title}\n", flush=True)
    try:
        for _ in range(options.times):
            with ExitStack() as stack:
                stack.enter_context(neighbours(options.busy))
                prefix = [] if cores is None else stack.enter_context(quota(cores))
                run = check(app, partial(as_typed, prefix=prefix))
            for name, must_be, one in results(app, run):
                found[name, must_be].append(one)
    except NotAvailableError as error:
        print(f"Not measured: {error}")
        return None
    except (RuntimeError, subprocess.TimeoutExpired) as error:
        print(f"**wrong**: {error}")
        return False
    print("| " + " | ".join(COLUMNS) + " |")
    print("|" + " --- |" * len(COLUMNS))
    for (name, must_be), all_got in found.items():
        print(row(name, must_be, all_got), flush=True)
    return not any(one.wrong for all_got in found.values() for one in all_got)


def main() -> None:
    """Read the options, check, print, and exit with 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="of the apps (%(default)s)")
    parser.add_argument("--times", type=int, default=1, help="checks of each app")
    parser.add_argument("--busy", type=int, default=0, help="cores kept busy meanwhile")
    parser.add_argument("-k", default="", help="only apps whose names contain this")
    options = parser.parse_args()
    folder = options.folder.resolve()
    known = [app for app in apps(folder) or shared(folder) if options.k in app.module]
    if not known:
        parser.error(f"{folder} has no app of known truth whose name contains {options.k!r}.")
    beside = f", {options.busy} cores kept busy" if options.busy else ""
    print(f"# Cases, {options.times} times{beside}")
    right = [measured(app, cores, options) for app in known for cores in (None, *app.quotas)]
    print(
        f"\n{right.count(True)} of {len(right)} tables all right, {right.count(None)} not measured."
    )
    sys.exit(False in right)


if __name__ == "__main__":
    main()
