"""What analysers write, in; the lines that they suspect, out. Pure.

SARIF 2.1.0 of any tool, and the JSON of ruff and of hydroid as they are.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from neverblock.errors import UsageError
from neverblock.plan import Suspect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = "Write one: ruff check --select ASYNC2 --output-format json > suspects.json"
NO_FINDING = {"pass", "notApplicable", "informational"}
"""What SARIF calls the kinds of results that accuse nothing (3.27.9)."""


def read_suspects(content: bytes, name: str) -> tuple[Suspect, ...]:
    """Give the lines of Python that an analyser's output suspects, in its order, each once.

    ``name`` is what the output is called in an error. What has no file or no line is left out, and
    so is what the analyser itself says is suppressed. Raises UsageError for what is none of these
    formats, and for a result that is not as its format has it.
    """
    try:
        output = json.loads(content)
    except ValueError as error:
        raise UsageError(f"'{name}' is not JSON: {error}.", EXAMPLE) from error
    for is_one, read, title in FORMATS:
        if is_one(output):
            try:
                found = list(read(output))
            except (KeyError, TypeError, IndexError, AttributeError, ValueError) as error:
                what = f"'{name}' looks like {title}, and is not as that has it: {error!r}."
                raise UsageError(what, EXAMPLE) from error
            return tuple(dict.fromkeys(each for each in found if each.file.endswith(".py")))
    titles = ", nor ".join(title for _, _, title in FORMATS)
    raise UsageError(f"'{name}' is JSON, but neither {titles}.", EXAMPLE)


def _is_sarif(output: Any) -> bool:
    return isinstance(output, dict) and isinstance(output.get("runs"), list)


def _is_ruff(output: Any) -> bool:
    return isinstance(output, list) and all(
        isinstance(each, dict) and {"filename", "location", "code"} <= each.keys()
        for each in output
    )


def _is_hydroid(output: Any) -> bool:
    return isinstance(output, dict) and isinstance(output.get("diagnostics"), list)


def _of_ruff(output: Any) -> Iterator[Suspect]:
    for each in output:
        if each["code"] is not None:  # a file that ruff could not parse
            line = _line(each["location"]["row"])
            yield Suspect(each["filename"], line, each["code"], each["message"], "ruff")


def _of_hydroid(output: Any) -> Iterator[Suspect]:
    for each in output["diagnostics"]:
        sink = each["sink"]
        reached = each.get("reached_from") or {}
        way = [reached, *reached.get("frames", ()), *each.get("chain", ())]
        places = [one["location"] for one in way if "location" in one]
        yield Suspect(
            each["location"]["path"],
            _line(each["location"]["line"]),
            sink["category"],
            f"{sink['qualname']}: {sink['advice']}",
            "hydroid",
            tuple((place["path"], _line(place["line"])) for place in places),
        )


def _of_sarif(output: Any) -> Iterator[Suspect]:
    for run in output["runs"]:
        driver = run["tool"]["driver"]
        for result in run.get("results") or ():
            if result.get("kind", "fail") in NO_FINDING or result.get("suppressions"):
                continue
            place = next(iter(_places(result.get("locations"), run)), None)
            if place is None:
                continue
            flows = result.get("codeFlows") or [{}]
            threads = flows[0].get("threadFlows") or [{}]
            steps = [step.get("location", {}) for step in threads[0].get("locations", ())]
            text = result["message"].get("text") or result["message"].get("id", "")
            yield Suspect(
                *place,
                _rule(result, driver),
                " ".join(text.split()),
                driver["name"],
                tuple(_places(steps, run)),
            )


def _rule(result: Any, driver: Any) -> str:
    """Give the rule of a result, which names it or gives its place in the driver's list."""
    rule = result.get("rule") or {}
    if (name := result.get("ruleId", rule.get("id"))) is not None:
        return str(name)
    number = result.get("ruleIndex", rule.get("index", -1))
    return str(driver["rules"][number]["id"]) if number >= 0 else ""


def _places(locations: Any, run: Any) -> Iterator[tuple[str, int]]:
    """Yield the file and line of each location that has both."""
    for location in locations or ():
        physical = location.get("physicalLocation") or {}
        artifact = physical.get("artifactLocation") or {}
        if "uri" not in artifact and artifact.get("index", -1) >= 0:
            artifact = run["artifacts"][artifact["index"]]["location"]
        line = (physical.get("region") or {}).get("startLine")
        if "uri" in artifact and line is not None:
            base = (run.get("originalUriBaseIds") or {}).get(artifact.get("uriBaseId")) or {}
            yield _path(urljoin(base.get("uri", ""), artifact["uri"])), _line(line)


def _path(uri: str) -> str:
    """Give the path of a file: URI, or of one that is relative."""
    return unquote(urlsplit(uri).path)


def _line(number: Any) -> int:
    """Give a line as it is. Raises ValueError for what is none."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ValueError(f"{number!r} is no line")
    return number


FORMATS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Iterator[Suspect]], str], ...] = (
    (_is_sarif, _of_sarif, "SARIF"),
    (_is_ruff, _of_ruff, "ruff's JSON"),
    (_is_hydroid, _of_hydroid, "hydroid's JSON"),
)
"""How a format is known, how it is read, and what it is called."""
