"""The page that explains the configuration, held against the tables that read it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic_core import PydanticUndefined

from neverblock.config import config_of
from neverblock.config.complaints import keys_of
from neverblock.config.duration import duration
from neverblock.config.table import (
    AllowTable,
    CapacityTable,
    EndpointTable,
    Table,
    ThresholdTable,
)

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
SECTIONS = {
    "The project": Table,
    "`[[tool.neverblock.endpoint]]`": EndpointTable,
    "`[[tool.neverblock.allow]]`": AllowTable,
    "`[[tool.neverblock.threshold]]`": ThresholdTable,
    "`[tool.neverblock.capacity]`": CapacityTable,
}
NOTHING = (None, [], {})


def rows(title):
    """Give the rows of a section's table: key, value, default, meaning."""
    section = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return {line.split("`")[1]: [cell.strip() for cell in line.split("|")[1:-1]] for line in lines}


@pytest.mark.parametrize("title", SECTIONS)
def test_every_key_is_explained_and_no_other(title):
    """What can be written is on the page, and what is on the page can be written."""
    assert set(rows(title)) == set(keys_of(SECTIONS[title]))


@pytest.mark.parametrize("title", SECTIONS)
def test_defaults_are_what_the_page_says(title):
    """A key is required, has no default, or has the very one."""
    for field in SECTIONS[title].model_fields.values():
        default = rows(title)[field.alias][2]
        literal = re.fullmatch(r"`(.*)`", default)
        if field.default is PydanticUndefined:
            assert default == "required", field.alias
        elif literal is None:
            assert default != "required", field.alias
            assert field.default in NOTHING, field.alias
        elif isinstance(field.default, bool):
            assert literal[1] == str(field.default).lower(), field.alias
        elif isinstance(field.default, float):
            assert duration(literal[1]) == field.default, field.alias
        else:
            assert literal[1] == str(field.default), field.alias


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_can_be_used(example, tmp_path):
    """What is copied from the page is read without a complaint."""
    environ = {"SHOP_TOKEN": "token", "SHOP_PASSWORD": "password"}
    table = tomllib.loads(example)["tool"]["neverblock"]
    assert config_of(table, tmp_path / "pyproject.toml", environ).file is not None
