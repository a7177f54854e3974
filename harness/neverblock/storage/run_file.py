"""Run <-> versioned JSON.

Every instant keeps its reading of the machine's monotonic clock: requests, pings and stalls of
a run lie on that one axis, and only differences between them mean anything. The frames of sampled
stacks, few but repeated thousands of times, are saved once per result and named by their index.
"""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from neverblock.analysis.codes import code_of
from neverblock.errors import StoreError, unprefixed
from neverblock.model import Diagnosis
from neverblock.result import FORMAT_VERSION, READABLE_VERSIONS, Result, Run

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
TOOL = "neverblock"
RUN_FILE = "run.json"
LATEST = "latest"

_JUDGEMENT = ("checks", "verdict", "diagnosis", "reason", "notes")


@cache
def codec(kind: type[T]) -> TypeAdapter[T]:
    """Give the reader and writer of a dataclass, which is built from its annotations."""
    return TypeAdapter(kind)


def to_json(run: Run) -> dict[str, Any]:
    """Give a run in its saved shape: plain dicts, lists, strings and numbers."""
    return head_to_json(run) | {"results": [result_to_json(result) for result in run.results]}


def head_to_json(run: Run) -> dict[str, Any]:
    """Give a run in its saved shape, but for its results."""
    flat = codec(Run).dump_python(replace(run, results=()), mode="json", by_alias=True)
    version = flat.pop("format_version")
    tool = {"name": TOOL, "version": flat.pop("tool_version")}
    return {"format_version": version, "tool": tool, **flat}


def result_to_json(result: Result) -> dict[str, Any]:
    """Give a result in its saved shape.

    Its judgement stands beside its measurement, not in an object of its own, and with it the
    diagnosis's code.
    """
    flat: dict[str, Any] = codec(Result).dump_python(result, mode="json")
    flat.update(flat.pop("judgement"), code=_code(result.judgement.diagnosis))
    if (measurement := flat["measurement"]) and (loop := measurement["loop"]):
        table: dict[tuple[object, ...], int] = {}
        frames: list[dict[str, Any]] = []
        for stack in _stacks(loop):
            for position, frame in enumerate(stack["frames"]):
                index = table.setdefault(tuple(frame.values()), len(table))
                if index == len(frames):
                    frames.append(frame)
                stack["frames"][position] = index
        loop["frames"] = frames
    return flat


def _code(diagnosis: Diagnosis) -> str | None:
    code = code_of(diagnosis)
    return code.code if code else None


def _stacks(loop: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for stall in loop["stalls"]:
        yield from stall["stacks"]
        if stall["culprit"] is not None:
            yield stall["culprit"]


def from_json(saved: object) -> Run:
    """Give the run of a saved shape, as ``json.loads`` reads it.

    Raises StoreError for another format version, and for a value that is missing or ill-typed.
    """
    if not isinstance(saved, dict) or "format_version" not in saved:
        raise StoreError(
            "This is not a saved run: it has no format_version.",
            f"Give a {RUN_FILE} that neverblock wrote, or the folder that holds one.",
        )
    if (version := saved["format_version"]) not in READABLE_VERSIONS:
        raise StoreError(
            f"The run has format version {version!r}; this neverblock reads up to "
            f"{FORMAT_VERSION}.",
            f"Install the neverblock that wrote it{_wrote(saved)}, or measure again.",
        )
    try:
        run: Run = codec(Run).validate_json(json.dumps(_nested(saved)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"] if part != "judgement")
        given = "" if first["type"] == "missing" else f" (it is {_shortened(first['input'])})"
        raise _damaged(where, f"{unprefixed(first['msg'])}{given}") from error
    return run


def _nested(saved: dict[str, Any]) -> dict[str, Any]:
    """Undo the flattening of ``to_json``; what is no object stays, for the validation to name."""
    run = {key: value for key, value in saved.items() if key != "tool"}
    if isinstance(tool := saved.get("tool"), dict) and "version" in tool:
        run["tool_version"] = tool["version"]
    if isinstance(results := saved.get("results"), list):
        run["results"] = [
            _nested_result(result, f"results.{number}") if isinstance(result, dict) else result
            for number, result in enumerate(results)
        ]
    return run


def _nested_result(result: dict[str, Any], where: str) -> dict[str, Any]:
    judgement = {key: result[key] for key in _JUDGEMENT if key in result}
    derived = {*judgement, "code"}
    nested = {k: v for k, v in result.items() if k not in derived} | {"judgement": judgement}
    diagnosis = result.get("diagnosis")
    if "code" in result and diagnosis in list(Diagnosis):
        code = _code(Diagnosis(diagnosis))
        if result["code"] != code:
            why = f"the code of {diagnosis} is {code} (it is {_shortened(result['code'])})"
            raise _damaged(f"{where}.code", why)
    measurement = result.get("measurement")
    loop = measurement.get("loop") if isinstance(measurement, dict) else None
    if not isinstance(measurement, dict) or not loop:
        return nested
    try:
        frames = loop["frames"]
        loop = {k: v for k, v in deepcopy(loop).items() if k != "frames"}
        for stack in _stacks(loop):
            stack["frames"] = [frames[index] for index in stack["frames"]]
    except (LookupError, TypeError) as error:
        raise _damaged(f"{where}.measurement.loop", "its stacks and frames do not fit") from error
    nested["measurement"] = measurement | {"loop": loop}
    return nested


def _wrote(saved: dict[str, Any]) -> str:
    """Give the command that installs what wrote a run, where the run says so."""
    tool = saved.get("tool")
    version = tool.get("version") if isinstance(tool, dict) else None
    return f": pip install 'neverblock=={version}'" if isinstance(version, str) else ""


def _damaged(where: str, why: str) -> StoreError:
    return StoreError(
        f"The saved run is damaged at {where or 'its root'}: {why}.",
        f"Correct it by {Path(__file__).with_name('run.schema.json')}, or measure again.",
    )


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:60]}..."  # noqa: PLR2004 - fits a terminal's line


class RunFile:
    """The ``run.json`` of a run that grows: what was encoded for one save is kept for the next."""

    def __init__(self, folder: Path) -> None:
        """Take the folder, which must exist when ``save`` is called."""
        self._folder = folder
        self._encoded: dict[int, tuple[Result, str]] = {}

    def save(self, run: Run) -> Path:
        """Write the run in one step, so that a crash leaves a whole file; give its path.

        Raises StoreError where it cannot be written.
        """
        # a kept result cannot be another's namesake: its id is taken for as long as it is kept
        self._encoded = {
            id(result): self._encoded.get(id(result)) or (result, _encode(result_to_json(result)))
            for result in run.results
        }
        head = head_to_json(run)
        del head["results"]
        results = ",".join(text for _, text in self._encoded.values())
        path = self._folder / RUN_FILE
        part = path.with_suffix(".part")
        try:
            part.write_text(f'{_encode(head)[:-1]},"results":[{results}]}}', "utf-8", "replace")
            part.replace(path)
        except OSError as error:
            raise unwritable(self._folder, error) from error
        return path


def _encode(saved: dict[str, Any]) -> str:
    return json.dumps(saved, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def save(run: Run, folder: Path) -> Path:
    """Write ``run.json`` into the folder, once. Raises StoreError where it cannot be written."""
    return RunFile(folder).save(run)


def load(path: Path) -> Run:
    """Read a run from its file, or from the folder that holds it. Raises StoreError."""
    file = path / RUN_FILE if path.is_dir() else path
    try:
        return from_json(json.loads(file.read_bytes()))
    except OSError as error:
        raise StoreError(
            f"No run can be read from '{file}': {error.strerror}.",
            f"Give the folder of a run, its {RUN_FILE}, or `{LATEST}`.",
        ) from error
    except (ValueError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        why = "is nested too deep for a run" if deep else f"is not JSON: {error}"
        raise StoreError(
            f"'{file}' {why}.",
            f"Give a {RUN_FILE} that neverblock wrote, or the folder that holds one.",
        ) from error


def unwritable(folder: Path, error: OSError) -> StoreError:
    """Say that a folder of runs cannot be written, and what to type instead."""
    return StoreError(
        f"The folder '{folder}' cannot be written: {error.strerror}.",
        "Give another with `--reports DIR`, or fix its permissions.",
    )
