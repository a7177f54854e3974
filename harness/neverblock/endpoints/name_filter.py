"""Choose endpoints by an expression such as ``sleep and not bad``, as pytest's -k does. Pure."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from neverblock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from neverblock.plan import Group

WORD = re.compile(r"[^\s()]+")


def matches(expression: str, text: str) -> bool:
    """Say whether a text fits an expression: substrings joined by and, or, not and parentheses.

    Raises UsageError for an expression that cannot be read.
    """

    def truth(word: re.Match[str]) -> str:
        name = word.group()
        return name if name in {"and", "or", "not"} else str(name.lower() in text.lower())

    try:
        tree = ast.parse(WORD.sub(truth, expression), mode="eval").body
        return evaluate(tree)
    except (SyntaxError, TypeError) as error:
        raise UsageError(
            f"-k {expression!r} cannot be read.",
            "Join parts of names by and, or, not: -k 'sleep and not bad'.",
        ) from error


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
        raise UsageError(
            f"-k {expression!r} fits none of the endpoints.", "See `neverblock list` for the names."
        )
    return chosen
