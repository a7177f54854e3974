"""What a listing shows of the reference app's pairs, read from their files.

To run a pair takes the libraries that it is about; to list it should take none.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from neverblock.errors import TargetError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class ListedPair:
    """A pair as a listing has it: what blocks, what replaces it, its variants, its services."""

    name: str
    blocking_call: str
    replacement: str
    variants: tuple[str, ...]
    needs: tuple[str, ...]


def listed_pairs(folder: Path) -> Iterator[ListedPair]:
    """Give the pairs of the reference app in a folder, in alphabetical order.

    Raises TargetError for a file that defines none that can be read.
    """
    for file in sorted((folder / "target_app" / "pairs").glob("[!_]*.py")):
        try:
            yield _read(file)
        except (OSError, SyntaxError, ValueError, KeyError) as error:
            raise TargetError(
                f"{file} does not define a pair that can be listed: {error}.",
                "Write the values of its PAIR as literals, or move the file out.",
            ) from error


def left_out(folder: Path, chosen: Collection[str]) -> tuple[str, ...]:
    """Name the endpoints of the pairs in a folder that are not among those ``chosen``."""
    names = [f"{pair.name}/{each}" for pair in listed_pairs(folder) for each in pair.variants]
    return tuple(name for name in names if name not in chosen)


def _read(file: Path) -> ListedPair:
    given = _keywords(ast.parse(file.read_text(encoding="utf-8")))
    variants = given["variants"]
    names = variants.keys if isinstance(variants, ast.Dict) else []
    return ListedPair(
        name=ast.literal_eval(given["name"]),
        blocking_call=ast.literal_eval(given["blocking_call"]),
        replacement=ast.literal_eval(given["replacement"]),
        variants=tuple(ast.literal_eval(name) for name in names if name is not None),
        needs=ast.literal_eval(given["needs"]) if "needs" in given else (),
    )


def _keywords(module: ast.Module) -> dict[str, ast.expr]:
    """Give the arguments of ``PAIR = Pair(...)`` by their names."""
    for node in module.body:
        match node:
            case ast.Assign(targets=[ast.Name(id="PAIR")], value=ast.Call(keywords=keywords)):
                return {each.arg: each.value for each in keywords if each.arg}
    raise ValueError("it has no PAIR")
