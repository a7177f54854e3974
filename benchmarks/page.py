"""What a page costs: seconds, memory and size, by the number of endpoints; CPU also for each.

    python benchmarks/page.py [--endpoints 25 50 100 200] [--records 100]

Each size is rendered in a process of its own, whose peak of memory is read afterwards. A third of
the endpoints block, each with its stalls and its blame; every burst has canary figures. The limits
are those of the project: 200 endpoints with 20,000 records in under 10 s and 500 MB.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

LIMIT_S, LIMIT_MB = 10.0, 500.0
LIMIT_ENDPOINTS, LIMIT_RECORDS = 200, 100


def render_one(endpoints: int, records: int) -> dict[str, float]:
    """Make a run of n endpoints, each with that many records, and render its page."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from canned_many import many_endpoints  # noqa: PLC0415 - of the tests, found by the line above

    from neverblock.report.html import render  # noqa: PLC0415 - imports are no part of the figure

    run = many_endpoints(endpoints, records)
    started_s, cpu_s = time.perf_counter(), time.process_time()
    page = render(run)
    return {
        "took_s": time.perf_counter() - started_s,
        "cpu_s": time.process_time() - cpu_s,
        "page_mb": len(page.encode()) / 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main() -> None:
    """Measure, print, and fail where the project's limits are not kept."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--endpoints", type=int, nargs="+", default=[25, 50, 100, LIMIT_ENDPOINTS])
    parser.add_argument("--records", type=int, default=LIMIT_RECORDS, help="of each endpoint")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(render_one(options.endpoints[0], options.records)))
        return
    print(f"{'endpoints':>9}{'records':>9}{'took':>9}{'CPU':>9}{'peak':>9}{'page':>9}{'each':>9}")
    for number in options.endpoints:
        command = [sys.executable, __file__, "--one", "--endpoints", str(number)]
        done = subprocess.run(  # noqa: S603 - this very script
            [*command, "--records", str(options.records)],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        cost = json.loads(done.stdout)
        print(
            f"{number:>9}{number * options.records:>9}{cost['took_s']:>7.2f} s"
            f"{cost['cpu_s']:>7.2f} s{cost['peak_mb']:>6.0f} MB{cost['page_mb']:>6.2f} MB"
            f"{1000 * cost['cpu_s'] / number:>6.1f} ms"
        )
        within = number <= LIMIT_ENDPOINTS and options.records <= LIMIT_RECORDS
        if within and (cost["took_s"] > LIMIT_S or cost["peak_mb"] > LIMIT_MB):
            raise SystemExit(f"Over the limit of {LIMIT_S:g} s and {LIMIT_MB:g} MB.")


if __name__ == "__main__":
    main()
