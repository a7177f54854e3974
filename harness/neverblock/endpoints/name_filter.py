"""Choose endpoints by an expression such as ``sleep and not bad``, as pytest's -k does. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.errors import UsageError, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.plan import Group

_WORD = r"(?!(?:and|or|not)(?![^\s()]))[^\s()]+"
PHRASE = re.compile(rf"(?<![^\s()]){_WORD}(?:\s+{_WORD})*")
"""Words with no ``and``, ``or`` or ``not`` between them, as in ``GET /orders``."""


def matches(expression: str, text: str) -> bool:
    """Say whether a text fits an expression: substrings joined by and, or, not and parentheses.

    A substring may be of several words: the whole name of an endpoint is one. Raises UsageError
    for an expression that cannot be read.
    """

    def truth(phrase: re.Match[str]) -> str:
        return str(" ".join(phrase.group().split()).lower() in text.lower())

    try:
        tree = ast.parse(PHRASE.sub(truth, expression), mode="eval").body
        return evaluate(tree)
    except (SyntaxError, TypeError) as error:
        raise UsageError(
            f"-k {expression!r} cannot be read.",
            "Join names, or parts of them, by and, or, not: -k 'sleep and not bad'.",
        ) from error


def readable(expressions: list[str] | None) -> list[str] | None:
    """Give some expressions back. Raises UsageError where one cannot be read."""
    for expression in expressions or ():
        matches(expression, "")
    return expressions


def any_of(expressions: list[str] | None) -> str | None:
    """Give the expression that fits what one of some fits; None where there are none."""
    if not expressions or len(expressions) == 1:
        return expressions[0] if expressions else None
    return " or ".join(f"({each})" for each in expressions)


def evaluate(node: ast.expr) -> bool:
    """Evaluate a tree of True, False, and, or, not. Raises TypeError for anything else."""
    match node:
        case ast.Constant(value=bool() as value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not evaluate(operand)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(evaluate(value) for value in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(evaluate(value) for value in values)
    raise TypeError(ast.dump(node))


def meant(expression: str, names: Sequence[str]) -> str:
    """Give a sentence, and a space, that names what a phrase without a fit most likely is.

    That is a name, or a word of one; "" where every phrase fits some name, or is like none.
    """
    words = [word for name in names for word in re.split(r"[\s/{}]+", name) if word]
    for phrase in PHRASE.findall(expression):
        if not any(matches(phrase, name) for name in names):
            near = nearest(phrase, [*dict.fromkeys([*words, *names])])
            if near is not None:
                return f"Did you mean {near!r}? "
    return ""


def select(groups: Sequence[Group], expression: str | None) -> tuple[Group, ...]:
    """Keep the subjects whose names fit, and the groups that still have a subject.

    Raises UsageError where nothing fits, since an empty run proves nothing.
    """
    if expression is None:
        return tuple(groups)
    kept = [
        replace(
            group,
            subjects=tuple(s for s in group.subjects if matches(expression, s.endpoint.name)),
        )
        for group in groups
    ]
    chosen = tuple(group for group in kept if group.subjects)
    if not chosen:
        names = [subject.endpoint.name for group in groups for subject in group.subjects]
        raise UsageError(
            f"-k {expression!r} fits none of the endpoints.",
            f"{meant(expression, names)}See `neverblock list` for the names.",
        )
    return chosen
