"""The parts of the suite, by what a test needs of the machine, and the run of all of them.

``make test`` runs ``python tests/parts.py``: one part after another, each in a pytest of its own,
but for the pure one, which has what time the next ones leave; it fails if any of them fails or
collects no tests. ``--part pure`` runs that one alone, and ``--newest`` what is in ``NEWEST``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

TESTS = Path(__file__).parent


@dataclass(frozen=True)
class Part:
    """Tests that are run in one way: files and whole folders, relative to the tests' own.

    One that gives way runs beside those that follow, on the cores that nothing of them wants, and
    has ended where one begins that has to be alone.
    """

    name: str
    why: str
    options: tuple[str, ...]
    places: tuple[str, ...]
    gives_way: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Running:
    """A part that was begun; one that gives way says what it says into a file."""

    part: Part
    process: subprocess.Popen[bytes]
    since_s: float
    said: BinaryIO | None

    def ended(self) -> tuple[str, str]:
        """Wait for its end, and print what was kept; give how long it took, and how it failed."""
        status = self.process.wait()
        name, minutes = self.part.name, (time.monotonic() - self.since_s) / 60
        if self.said:
            self.said.seek(0)
            told = f"\n{name}, meanwhile:\n{self.said.read().decode(errors='replace')}"
            print(told, flush=True)  # noqa: T201 - for make
        failed = f"{name} (pytest's exit code {status})" if status else ""
        return f"{name} took {minutes:.1f} min", failed


PARTS = (
    Part(
        "pure",
        "values in, values out; two at once, while others leave a core idle",
        ("-n", "2", "--dist", "worksteal", "--timeout", "600"),  # whoever gives way may wait long
        (
            # the longest tests first, so that none of them is left over for one core at the end
            *(f"corpus/test_{name}.py" for name in ("corpus_truth", "peers_score")),
            "cases/test_cases_truth.py",
            *("unseen", "unit", "report", "ci"),
            *(f"probe/test_{name}.py" for name in ("attribution", "heartbeat", "marks", "reader")),
            *(f"probe/test_{name}.py" for name in ("attribution_by_clocks", "internals", "tier")),
            "probe/test_switching.py",
        ),
        gives_way=True,
    ),
    Part(
        "processes",
        "servers and commands are started, and others beside them change no answer; four at once",
        ("-n", "4", "--dist", "loadgroup", "--no-loadscope-reorder"),
        (
            # a file, or a folder of ONE_WORKER in conftest.py, stays on one worker; the longest
            # first, as above
            *("load/test_many.py", "plugin", "services", "target_app", "browser", "site"),
            *("end_to_end/test_verdicts.py", "corpus/test_roads.py"),
            *(f"check/test_{name}.py" for name in ("containers", "servers", "check", "coverage")),
            *(
                f"load/test_{name}.py"
                for name in ("load_command", "burst", "hosts", "shop", "locust", "stock_locust")
            ),
            *(f"end_to_end/test_{name}.py" for name in ("bad_input", "wheel", "retry_alone")),
            *(f"end_to_end/test_{name}.py" for name in ("agent_fixes", "serve", "edge")),
            *(f"check/test_{name}.py" for name in ("suspects", "interpreter", "frameworks")),
            "check/test_suspects_given.py",
            *(f"check/test_{name}.py" for name in ("worst", "against", "names", "login_hook")),
            *(f"check/test_{name}.py" for name in ("url", "processes")),
            *("end_to_end/test_saved_runs.py", "probe/test_probe_servers.py"),
            *(f"load/test_{name}.py" for name in ("canary", "ceiling", "engine_contract", "loops")),
            *(f"load/test_{name}.py" for name in ("recorder", "server_dies")),
            *(f"probe/test_{name}.py" for name in ("gc_pauses", "greenlets", "other_threads")),
            *(f"probe/test_{name}.py" for name in ("raised", "stopped_stacks", "thread_pools")),
            *(f"probe/test_{name}.py" for name in ("thread_state", "watchdog")),
            "load/test_crowds.py",
            *(f"probe/test_{name}.py" for name in ("callee_name", "current_frames", "find")),
            *(f"probe/test_{name}.py" for name in ("handlers", "openapi_document", "source_lines")),
        ),
    ),
    Part(
        "waiting",
        "what waits is measured, and leaves most of two cores free; three at once",
        ("-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder"),
        (
            *("limits/test_limits.py", "probe/test_probe_holds.py", "limits/test_limits_url.py"),
            *("end_to_end/test_interleaved.py", "probe/test_sampling.py", "probe/test_pending.py"),
        ),
    ),
    Part(
        "measuring",
        "what computes is measured as well; alone, one after another",
        (),
        (
            *("cases/test_cases.py", "check/test_portable.py", "corpus/test_corpus_verdicts.py"),
            *(f"end_to_end/test_{name}.py" for name in ("command", "reference")),
        ),
        alone=True,
    ),
)

NEWEST = (
    *(f"probe/test_{name}.py" for name in ("attribution", "callee_name", "current_frames")),
    *(f"probe/test_{name}.py" for name in ("find", "gc_pauses", "heartbeat", "internals")),
    *(f"probe/test_{name}.py" for name in ("marks", "other_threads", "pending", "thread_pools")),
    "probe/test_stopped_stacks.py",
    "check/test_check.py::test_what_blocks_is_named_by_its_line",
    "check/test_check.py::test_what_does_not_block_passes",
    "plugin/test_fixture.py::test_every_way_to_use_it",
)
"""What depends on the version of Python the most, files or single tests: run again on the newest.

It has to stay within a minute; the check and the plugin are those of any version but for the probe.
"""


def parts_of(path: Path) -> list[Part]:
    """Give the parts that hold a file of tests; there is one, or the table is wrong."""
    named = path.relative_to(TESTS)
    return [
        part
        for part in PARTS
        if not {named.as_posix(), *(folder.as_posix() for folder in named.parents)}.isdisjoint(
            part.places
        )
    ]


def command(part: Part) -> list[str]:
    """Give the command that runs a part and nothing else."""
    places = [str(TESTS / place) for place in part.places]
    return [sys.executable, "-m", "pytest", "-m", part.name, *part.options, *places]


def of_newest() -> tuple[Part, ...]:
    """Give the parts with no more in them than is run on the newest Python."""
    kept = {
        part: tuple(p for p in NEWEST if part in parts_of(TESTS / p.partition("::")[0]))
        for part in PARTS
    }
    return tuple(replace(part, places=places) for part, places in kept.items() if places)


def give_way() -> None:
    """Have this process and all that it starts run while no other wants the core, or hardly."""
    if hasattr(os, "sched_setscheduler"):
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(19)


def begun(part: Part, said: BinaryIO | None = None) -> Running:
    """Begin with a part; where a file takes what it says, it gives way."""
    since_s = time.monotonic()
    if said is None:
        return Running(part, subprocess.Popen(command(part), cwd=TESTS.parent), since_s, None)
    process = subprocess.Popen(
        command(part),
        cwd=TESTS.parent,
        stdout=said,
        stderr=subprocess.STDOUT,
        preexec_fn=give_way if os.name == "posix" else None,  # noqa: PLW1509 - no threads are here
    )
    return Running(part, process, since_s, said)


def main(parts: tuple[Part, ...] = PARTS) -> int:
    """Run every part, say what each took, and name those that failed; give 1 if any did.

    What a part that gives way has said is printed once it has ended.
    """
    python = f"Python {sys.version.split()[0]}"
    took: list[str] = []
    failed: list[str] = []
    beside: list[Running] = []

    def await_end(running: Running) -> None:
        minutes, failure = running.ended()
        took.append(minutes)
        failed.extend([failure] if failure else [])

    with ExitStack() as open_until_the_end:
        for part in parts:
            while part.alone and beside:
                await_end(beside.pop())
            heading = (f"\n{python}, {part.name}: {part.why}", *took, " ".join(part.places))
            print(*heading, sep="; ", flush=True)  # noqa: T201 - for make
            if part.gives_way and part is not parts[-1]:
                said = open_until_the_end.enter_context(tempfile.TemporaryFile())
                beside.append(begun(part, said))
                open_until_the_end.enter_context(beside[-1].process)
            else:
                await_end(begun(part))
        while beside:
            await_end(beside.pop())
    print("\n" + "; ".join(took), flush=True)  # noqa: T201 - for make
    if failed:
        print("Failed: " + ", ".join(failed), file=sys.stderr)  # noqa: T201 - for make
    return int(bool(failed))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--newest", action="store_true", help="what depends on the Python the most")
    asked.add_argument("--part", action="append", choices=[part.name for part in PARTS])
    options = asked.parse_args()
    chosen = of_newest() if options.newest else PARTS
    sys.exit(main(tuple(p for p in chosen if not options.part or p.name in options.part)))
