"""Which pins of other projects conflict with neverblock in one environment, and which apart.

For each pin an environment is made with the pin alone and checked (``uv pip check``); then
neverblock is installed beside it, the pin put back, and it is checked again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PINS = {
    "a year": (
        *("fastapi==0.121.3", "starlette==0.50.0", "pydantic==2.12.4", "httpx==0.28.1"),
        *("uvicorn==0.38.0", "click==8.3.1", "rich==14.2.0", "typer==0.20.0"),
    ),
    "two years": (
        *("fastapi==0.115.5", "starlette==0.41.3", "pydantic==2.10.2", "httpx==0.27.2"),
        *("uvicorn==0.32.1", "click==8.1.7", "rich==13.9.4", "typer==0.13.1"),
    ),
    "three years": (
        *("fastapi==0.104.1", "starlette==0.27.0", "pydantic==1.10.13", "httpx==0.25.2"),
        *("uvicorn==0.24.0", "click==8.1.6", "rich==13.7.0", "typer==0.9.0"),
    ),
}
"""What stood in projects so long before November 2026."""


def main() -> int:
    """Try every pin; 1 where one conflicts apart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uv", default="uv", help="the uv to use")
    parser.add_argument("--wheel", required=True, help="neverblock as a wheel, or its folder")
    parser.add_argument("--markdown", type=Path, help="write the table here")
    options = parser.parse_args()
    rows = []
    for age, pins in PINS.items():
        for pin in pins:
            rows.append((age, pin, *tried(options.uv, options.wheel, pin)))
            print(*rows[-1], sep=" | ", flush=True)
    if options.markdown:
        options.markdown.write_text(page(rows), encoding="utf-8")
    return int(any(apart for *_, apart, _ in rows))


def tried(uv: str, wheel: str, pin: str) -> tuple[str, str]:
    """Give the conflicts of a pin alone in an environment, and with neverblock beside it."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "VIRTUAL_ENV": f"{folder}/env"}
        environ.pop("PYTHONPATH", None)

        def run(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [uv, *arguments]
            return subprocess.run(  # noqa: S603 - the words stand above
                command, env=environ, capture_output=True, text=True, check=False
            )

        run("venv", "--python", sys.executable, f"{folder}/env")
        installed(run("pip", "install", pin))
        apart = conflicts(run("pip", "check"))
        installed(
            run("pip", "install", wheel)
        )  # resolved for neverblock: moves the pin if it has to
        installed(run("pip", "install", "--no-deps", pin))  # and the project's pin is put back
        return apart, conflicts(run("pip", "check"))


def installed(done: subprocess.CompletedProcess[str]) -> None:
    """Raise SystemExit where a package could not be installed."""
    if done.returncode:
        raise SystemExit(done.stderr)


def conflicts(done: subprocess.CompletedProcess[str]) -> str:
    """Give the requirements that are not met, as one text; empty where there are none."""
    lines = [line for line in done.stderr.splitlines() if line.startswith("The package")]
    told = [line.split("`")[1::2] for line in lines]
    return "; ".join(f"{names[0]} wants {names[1]}" for names in told)


def page(rows: list[tuple[str, ...]]) -> str:
    """Give the page with the table."""
    together = sum(bool(row[3]) for row in rows)
    apart = sum(bool(row[2]) for row in rows)
    lines = [
        f"| {age} | `{pin}` | {apart or 'none'} | {beside or 'none'} |"
        for age, pin, apart, beside in rows
    ]
    return (
        "# Pins of other projects\n\n"
        "neverblock and the app need not share an environment ([README](../README.md)). What\n"
        "would happen if they did: each pin below, as it stood in projects one, two and three\n"
        "years ago, is installed alone (apart), and then with neverblock beside it (together);\n"
        "`pip check` says which requirements are not met. `benchmarks/pins.py` wrote this.\n\n"
        f"Together {together} of {len(rows)} conflict, apart {apart}.\n\n"
        "| of | pin | apart | together |\n| --- | --- | --- | --- |\n" + "\n".join(lines) + "\n"
    )


if __name__ == "__main__":
    sys.exit(main())
