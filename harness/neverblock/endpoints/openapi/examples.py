"""A value for a schema: one that its author wrote, else the simplest one that it accepts.

Values are proposed here and judged by jsonschema, so that every keyword counts; rstr turns patterns
into text. Neither depends on chance: the same document gives the same requests.
(hypothesis-jsonschema and jsf had no release for years; schemathesis brings pytest along.)
"""

from __future__ import annotations

import json
import math
import random
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from neverblock.endpoints.openapi.references import Node, follow, mapping, sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMATS = {
    "base64": "YQ==",
    "binary": "a",
    "byte": "YQ==",
    "date": "2024-01-01",
    "date-time": "2024-01-01T00:00:00Z",
    "duration": "P1D",
    "email": "someone@example.com",
    "hostname": "example.com",
    "idn-email": "someone@example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv4network": "192.0.2.0/24",
    "ipv6": "2001:db8::1",
    "ipv6network": "2001:db8::/32",
    "ipvanyaddress": "192.0.2.1",
    "ipvanynetwork": "192.0.2.0/24",
    "iri": "https://example.com/",
    "json-string": "{}",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uri-reference": "/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000001",
    "uuid1": "00000000-0000-1000-8000-000000000001",
    "uuid3": "00000000-0000-3000-8000-000000000001",
    "uuid4": "00000000-0000-4000-8000-000000000001",
    "uuid5": "00000000-0000-5000-8000-000000000001",
}
"""One value a format; addresses and names are those set aside for examples (RFC 2606, 5737)."""

_JUDGED_FORMATS = ("date", "email", "ipv4", "ipv6", "regex", "uuid")
"""What jsonschema judges alike whatever else is installed."""

_AUTHORED = ("example", "examples", "default", "const", "enum")

_DEPTH = 12
_PROPOSALS = 64
_SEEDS = 40


class Unfillable(ValueError):  # noqa: N818 - an answer, as StopIteration is
    """No proposed value is one that the schema accepts."""


def value_for(
    document: Node, schema: Any, *, examples: tuple[Any, ...] = (), filled: bool = False
) -> tuple[Any, bool]:
    """Give the value for a schema, and whether the document's author wrote all of it.

    It is never None, and nothing empty where it must be ``filled``. ``examples`` are those beside
    the schema, which come before its own. Raises Unfillable.
    """
    try:
        if examples:
            rest = [*examples[1:], *authored(document, follow(document, schema) or {})]
            schema = {**mapping(schema), "example": examples[0], "examples": rest}
        return _first(document, schema, 0, filled=filled)
    except (RecursionError, TypeError, ValueError, ArithmeticError) as error:
        raise Unfillable(f"{error}") from error


def _first(document: Node, schema: Any, depth: int, *, filled: bool = False) -> tuple[Any, bool]:
    """Give the first proposal that the schema accepts. Raises Unfillable."""
    for value, by_author in islice(_proposals(document, schema, depth, filled), _PROPOSALS):
        nothing = value is None or (filled and value in ("", [], {}))
        if not nothing and _accepts(document, schema, value, unsure=by_author):
            return value, by_author
    raise Unfillable("no value fits")


def _accepts(document: Node, schema: Any, value: Any, *, unsure: bool) -> bool:
    """Whether a schema accepts a value; ``unsure`` where the schema itself cannot be used."""
    with suppress(ValueError):  # of what no JSON can say: half a character, a number without end
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        return _fits(document, schema, value, unsure=unsure)
    return False


def _fits(document: Node, schema: Any, value: Any, *, unsure: bool) -> bool:
    """Ask jsonschema, with the document's components within reach of the schema's references."""
    from jsonschema import Draft202012Validator, FormatChecker  # noqa: PLC0415 - slow to load

    rooted = {k: v for k, v in document.items() if k == "components" or k.startswith("x-")}
    rooted |= mapping(schema)
    try:
        judge = Draft202012Validator(rooted, format_checker=FormatChecker(_JUDGED_FORMATS))
        return judge.is_valid(value)
    except Exception:  # noqa: BLE001 - a document may hold anything, and jsonschema raises anything
        return unsure


def _proposals(document: Node, schema: Any, depth: int, filled: bool) -> Iterator[tuple[Any, bool]]:
    """Propose values for a schema, each with whether its author wrote all of it."""
    if depth > _DEPTH:
        return
    here = follow(document, schema)
    if here is None:
        return
    for value in authored(document, here):
        yield value, True
        if isinstance(value, str):
            with suppress(ValueError):  # a number may be written as text
                yield json.loads(value), True
    if parts := sequence(here.get("allOf")):
        yield from _proposals(document, _merged(document, here, parts), depth + 1, filled)
    for branch in (*sequence(here.get("anyOf")), *sequence(here.get("oneOf"))):
        rest = {k: v for k, v in here.items() if k not in {"anyOf", "oneOf", *_AUTHORED}}
        merged = _merged(document, rest, [branch])
        yield from _proposals(document, merged, depth + 1, filled)
    for kind in _types(here):
        yield from _of_type(document, here, kind, depth, filled)


def authored(document: Node, node: Node) -> Iterator[Any]:
    """Give the values that a schema, parameter or media type itself names, in their order."""
    if "example" in node:
        yield node["example"]
    examples = node.get("examples")
    if isinstance(examples, dict):
        named = (follow(document, one) or {} for one in examples.values())
        yield from (one["value"] for one in named if "value" in one)
    else:
        yield from sequence(examples)
    yield from (node[key] for key in ("default", "const") if key in node)
    yield from sequence(node.get("enum"))


def _merged(document: Node, schema: Node, parts: list[Any]) -> Node:
    """Give one schema that says what a schema and its parts say together, as far as known."""
    new = {key: value for key, value in schema.items() if key != "allOf"}
    for part in parts:
        here = follow(document, part) or {}
        both = {
            "properties": {**mapping(new.get("properties")), **mapping(here.get("properties"))},
            "required": [*sequence(new.get("required")), *sequence(here.get("required"))],
            "allOf": [*sequence(new.get("allOf")), *sequence(here.get("allOf"))],
        }
        new = {**new, **here, **{key: value for key, value in both.items() if value}}
    return new


def _types(schema: Node) -> list[str]:
    """Name the types of a schema, or guess by its keywords; all where none gives a hint."""
    declared = schema.get("type")
    if isinstance(declared, str):
        return [declared]
    if isinstance(declared, list):
        return [one for one in declared if isinstance(one, str)]
    if "properties" in schema:
        return ["object"]
    if "items" in schema:
        return ["array"]
    if any(key in schema for key in ("minimum", "maximum", "multipleOf", "exclusiveMinimum")):
        return ["integer", "number"]
    return ["string", "integer", "object", "array"]


def _of_type(
    document: Node, schema: Node, kind: str, depth: int, filled: bool
) -> Iterator[tuple[Any, bool]]:
    """Propose plain values of one type; those made of values that the author wrote are theirs."""
    match kind:
        case "boolean":
            yield from ((False, False), (True, False))
        case "integer" | "number":
            yield from ((one, False) for one in _numbers(schema, whole=kind == "integer"))
        case "string":
            yield from ((text, False) for text in _texts(schema))
        case "array":
            yield from _arrays(document, schema, depth, filled)
        case "object":
            properties = mapping(schema.get("properties"))
            required = [str(name) for name in sequence(schema.get("required"))]
            for names in (required, properties):
                try:
                    parts = {n: _first(document, properties.get(n, {}), depth + 1) for n in names}
                except Unfillable:
                    return
                values = {name: value for name, (value, _) in parts.items()}
                yield values, all(by_author for _, by_author in parts.values())


def _numbers(schema: Node, *, whole: bool) -> Iterator[float]:
    """Propose one, then what lies at the limits."""
    step = schema.get("multipleOf") or (1 if whole else 0.5)
    low = max((schema[k] for k in ("minimum", "exclusiveMinimum") if k in schema), default=None)
    high = min((schema[k] for k in ("maximum", "exclusiveMaximum") if k in schema), default=None)
    yield from (1, step)
    if low is not None:
        first = math.ceil(low / step)
        yield from ((first + more) * step for more in (0, 1))
    if high is not None:
        last = math.floor(high / step)
        yield from ((last - less) * step for less in (0, 1))
    if low is not None and high is not None and not whole:
        yield (low + high) / 2
    yield from (0, *(times * step for times in range(2, 10)))


def _texts(schema: Node) -> Iterator[str]:
    """Propose what the format or the pattern says, else a digit as often as needed."""
    if (known := FORMATS.get(str(schema.get("format")))) is not None:
        yield known
    length = max(int(schema.get("minLength", 0)), 1)
    if length <= 10_000:  # noqa: PLR2004 - beyond that no request line is taken
        yield from (digit * length for digit in "123456789")
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        yield from _from_pattern(pattern)


@lru_cache
def _from_pattern(pattern: str) -> tuple[str, ...]:
    """Give texts that a pattern was the model of, the shortest first.

    Whether they match is for others to say.
    """
    from rstr import Rstr  # noqa: PLC0415 - seldom needed

    texts = set()
    for seed in range(_SEEDS):
        with suppress(Exception):  # not all of a pattern's language is known there
            texts.add(Rstr(random.Random(seed)).xeger(pattern))  # noqa: S311 - the same every time
    return tuple(sorted(texts, key=lambda text: (len(text), text)))


def _arrays(
    document: Node, schema: Node, depth: int, filled: bool
) -> Iterator[tuple[list[Any], bool]]:
    """Propose the shortest list, and different values where none may come twice."""
    shortest = max(int(schema.get("minItems", 0)), 1 if filled else 0)
    if shortest == 0:
        yield [], False
        return
    if shortest > 100:  # noqa: PLR2004 - beyond that it is no request but an attack
        return
    heads = sequence(schema.get("prefixItems"))[:shortest]
    items = schema.get("items", {})
    try:
        values = [_first(document, one, depth + 1) for one in heads]
        if len(values) < shortest:
            values += [_first(document, items, depth + 1)] * (shortest - len(values))
    except Unfillable:
        return
    yield [value for value, _ in values], all(by_author for _, by_author in values)
    different = [
        (value, by_author)
        for value, by_author in islice(_proposals(document, items, depth + 1, filled), _PROPOSALS)
        if value is not None and _accepts(document, items, value, unsure=by_author)
    ]
    seen = [value for value, _ in different]
    unique = [one for at, one in enumerate(different) if one[0] not in seen[:at]][:shortest]
    if len(unique) == shortest:
        yield [value for value, _ in unique], all(by_author for _, by_author in unique)
