"""Run <-> versioned JSON, and the folders that saved runs live in.

Every instant keeps its reading of the machine's monotonic clock: requests, pings and stalls of
a run lie on that one axis, and only differences between them mean anything.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from harness.errors import StoreError
from harness.result import FORMAT_VERSION, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

TOOL = "neverblock"
RUN_FILE = "run.json"
LATEST = "latest"

_JUDGEMENT = ("checks", "verdict", "diagnosis", "reason", "notes")


@cache
def run_type() -> TypeAdapter[Run]:
    """Give the one reader and writer of runs, which is built from the dataclasses' annotations."""
    return TypeAdapter(Run)


def to_json(run: Run) -> dict[str, Any]:
    """Give a run in its saved shape: plain dicts, lists, strings and numbers.

    Here the judgement of a result stands beside its measurement, not in an object of its own.
    """
    flat = run_type().dump_python(run, mode="json")
    version = flat.pop("format_version")
    tool = {"name": TOOL, "version": flat.pop("tool_version")}
    for result in flat["results"]:
        result.update(result.pop("judgement"))
    return {"format_version": version, "tool": tool, **flat}


def from_json(saved: object) -> Run:
    """Give the run of a saved shape, as ``json.loads`` reads it.

    Raises StoreError for another format version, and for a value that is missing or ill-typed.
    """
    if not isinstance(saved, dict) or "format_version" not in saved:
        raise StoreError(
            "This is not a saved run: it has no format_version.",
            f"Give a {RUN_FILE} that neverblock wrote, or the folder that holds one.",
        )
    if (version := saved["format_version"]) != FORMAT_VERSION:
        raise StoreError(
            f"The run has format version {version!r}; this neverblock reads {FORMAT_VERSION}.",
            "Read it with the neverblock that wrote it (its `tool.version`), or run again.",
        )
    try:
        return run_type().validate_json(json.dumps(_nested(saved)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "judgement")
        given = "" if first["type"] == "missing" else f" (it is {_shortened(first['input'])})"
        raise StoreError(
            f"The saved run is damaged at {where or 'its root'}: {first['msg']}{given}.",
            "Its shape is described in harness/run.schema.json; mend the value, or run again.",
        ) from error


def _nested(saved: dict[str, Any]) -> dict[str, Any]:
    """Undo the flattening of ``to_json``; what is no object stays, for the validation to name."""
    run = {key: value for key, value in saved.items() if key != "tool"}
    if isinstance(tool := saved.get("tool"), dict) and "version" in tool:
        run["tool_version"] = tool["version"]
    if isinstance(results := saved.get("results"), list):
        run["results"] = [_nested_result(r) if isinstance(r, dict) else r for r in results]
    return run


def _nested_result(result: dict[str, Any]) -> dict[str, Any]:
    judgement = {key: result[key] for key in _JUDGEMENT if key in result}
    return {k: v for k, v in result.items() if k not in judgement} | {"judgement": judgement}


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - fits a terminal's line


def save(run: Run, folder: Path) -> Path:
    """Write ``run.json`` into the folder in one step, so that a crash leaves a whole file.

    Gives the file's path. Raises StoreError where it cannot be written.
    """
    path = folder / RUN_FILE
    part = path.with_suffix(".part")
    text = json.dumps(to_json(run), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        part.write_text(text, encoding="utf-8", errors="replace")
        part.replace(path)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return path


def load(path: Path) -> Run:
    """Read a run from its file, or from the folder that holds it. Raises StoreError."""
    file = path / RUN_FILE if path.is_dir() else path
    try:
        saved = json.loads(file.read_bytes())
    except OSError as error:
        raise StoreError(
            f"No run can be read from '{file}': {error.strerror}.",
            f"Give the folder of a run, its {RUN_FILE}, or `{LATEST}`.",
        ) from error
    except ValueError as error:
        raise StoreError(
            f"'{file}' is not JSON: {error}.",
            f"Give a {RUN_FILE} that neverblock wrote, or the folder that holds one.",
        ) from error
    return from_json(saved)


def new_folder(root: Path, now: datetime) -> Path:
    """Make and give a folder for a run that starts now (UTC). Raises StoreError."""
    for name in _names(f"{now:%Y-%m-%dT%H%M%SZ}"):
        try:
            (root / name).mkdir(parents=True)
        except FileExistsError as error:
            if not root.is_dir():
                raise _unwritable(root, error) from error
        except OSError as error:
            raise _unwritable(root, error) from error
        else:
            return root / name
    raise AssertionError  # pragma: no cover - _names never ends


def _names(first: str) -> Iterator[str]:
    """Yield a name, and then the same with a number, for runs that start in the same second."""
    yield first
    number = 2
    while True:
        yield f"{first}-{number}"
        number += 1


def point_latest(folder: Path) -> None:
    """Let ``latest``, beside the folder, name it: a symlink, or a text file where there are none.

    Raises StoreError where neither can be written.
    """
    pointer = folder.with_name(LATEST)
    part = folder.with_name(f"{LATEST}.part")
    try:
        part.unlink(missing_ok=True)
        try:
            part.symlink_to(folder.name, target_is_directory=True)
        except (OSError, NotImplementedError):
            part.write_text(folder.name, encoding="utf-8")
        part.replace(pointer)
    except OSError as error:
        raise _unwritable(folder.parent, error) from error


def resolve(root: Path, name: str) -> Path:
    """Find the run a person named: ``latest``, a folder's name below root, or a path.

    Raises StoreError where there is no such run, naming the newest that there are.
    """
    if name == LATEST and (root / LATEST).is_file():
        with suppress(OSError, UnicodeDecodeError):
            name = (root / LATEST).read_text(encoding="utf-8").strip()
    for path in (root / name, Path(name)):
        if (path / RUN_FILE).is_file() or path.is_file():
            return path
    saved = sorted((p.parent.name for p in root.glob(f"*/{RUN_FILE}")), reverse=True)
    newest = [each for each in saved if each != LATEST][:3]
    hint = f"Saved runs, newest first: {', '.join(newest)}." if newest else "Run `neverblock run`."
    raise StoreError(f"There is no run {name!r} in '{root}'.", hint)


def _unwritable(folder: Path, error: OSError) -> StoreError:
    return StoreError(
        f"The folder '{folder}' cannot be written: {error.strerror}.",
        "Give another with `--reports DIR`, or mend its permissions.",
    )
