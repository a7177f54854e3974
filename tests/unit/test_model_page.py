"""The pages on how a verdict is reached have every number that one rests on, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "harness" / "neverblock"
PAGES = {
    "": ("model.md", "# "),
    "load": ("constants.md", "## Of a load"),
    "capacity": ("constants.md", "## Of a ceiling"),
}
"""Page and heading, by the room of the analysis: one endpoint's verdict, a load's, a ceiling's."""
MOST = 15
ROW = re.compile(r"^\| `(\w+\.\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def numbers_in(value):
    """Give the numbers that an expression is made of; none where it is anything else."""
    if isinstance(value, ast.Constant):
        plain = isinstance(value.value, int | float) and not isinstance(value.value, bool)
        return (value.value,) if plain else ()
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
        return tuple(-number for number in numbers_in(value.operand))
    parts = getattr(value, "args", None) or getattr(value, "elts", None) or ()
    found = [numbers_in(part) for part in parts]
    return tuple(number for each in found for number in each) if all(found) else ()


def assigned(body):
    """Give the names that are set to numbers in a module or a class; zero is no threshold."""
    found = {}
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(targets[0], ast.Name):
            numbers = numbers_in(node.value)
            if any(numbers):
                found[targets[0].id] = numbers
    return found


def constants(room):
    """Give every numeric constant of a room, and of the criterion, by module and name."""
    found = {}
    result = ast.parse((PACKAGE / "result" / "__init__.py").read_text(encoding="utf-8"))
    for node in () if room else result.body:
        if isinstance(node, ast.ClassDef) and node.name == "Criterion":
            found |= {f"result.{name}": numbers for name, numbers in assigned(node.body).items()}
    for path in sorted((PACKAGE / "analysis" / room).glob("*.py")):
        names = assigned(ast.parse(path.read_text(encoding="utf-8")).body)
        found |= {f"{path.stem}.{name}": numbers for name, numbers in names.items()}
    return found


def rows(room):
    """Give a page's table: each constant with its numbers, its use and its reason."""
    name, heading = PAGES[room]
    _, _, page = (ROOT / "docs" / name).read_text(encoding="utf-8").partition(heading)
    section = page.partition("\n## ")[0] if room else page
    return {
        name: (tuple(map(float, value.split(","))), use.strip(), reason.strip())
        for name, value, use, reason in ROW.findall(section)
    }


def test_every_room_that_has_constants_has_a_page():
    """What is judged elsewhere would be judged by numbers that nobody can read about."""
    folders = [path.parent for path in (PACKAGE / "analysis").rglob("*.py")]
    rooms = {folder.relative_to(PACKAGE / "analysis").as_posix() for folder in folders}
    assert {room for room in rooms if constants("" if room == "." else room)} <= {".", *PAGES}


@pytest.mark.parametrize("room", PAGES)
def test_the_page_has_every_constant_with_its_value(room):
    """A threshold that nobody can read about is one that nobody can check."""
    assert {name: numbers for name, (numbers, *_) in rows(room).items()} == constants(room)


@pytest.mark.parametrize("room", PAGES)
def test_each_constant_has_a_use_and_a_reason(room):
    """A number without a reason is a guess."""
    assert [name for name, (_, *told) in rows(room).items() if not all(told)] == []


@pytest.mark.parametrize("room", PAGES)
def test_there_are_few(room):
    """Each threshold more makes one case right and two wrong that nobody has tried."""
    assert 0 < len(constants(room)) <= MOST


def test_a_pair_of_numbers_is_a_constant_and_a_name_is_none():
    """What the page is held to is what the code has: ranges too, but neither names nor zeros."""
    source = (
        "A = 1\nB = Range(2e-6, -3)\nC = 'c'\nD = Range(0.0, 0.0)\nE: float = 0.5\nF, G = 1, 2\n"
    )
    assert assigned(ast.parse(source).body) == {"A": (1,), "B": (2e-6, -3), "E": (0.5,)}
