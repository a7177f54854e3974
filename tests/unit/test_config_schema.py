from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
from in_process import say
from pydantic import ValidationError

from neverblock.config.schema import DRAFT, config_schema
from neverblock.config.table import AllowTable, EndpointTable, Table
from neverblock.storage.schema import run_schema

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "docs" / "partial-neverblock.json"
GOOD = """
[[threshold]]
figure = "p95"
limit = "300ms"
[[threshold]]
endpoint = "GET /x"
figure = "failures"
limit = "1%"
---
app = "shop.main:app"
factory = true
app-dir = "src"
---
loop-limit = "20ms"
deadline = 3
document-limit = 0.5
---
include = "GET /a*"
exclude = ["GET /b", "* /c"]
---
n = 3
fail-on = "new"
baseline = "main.json"
allow-inconclusive = false
---
headers = { authorization = "Bearer x", x-tenant = { env = "HOME" }, x-n = 3 }
path = { id = 1, name = "x" }
query = { all = [1, 2] }
---
[[endpoint]]
name = "POST /orders"
json = { apples = 3 }
statuses = [201]
---
[[endpoint]]
name = "get /x"
loop-limit = "1 s"
form = { a = "b" }
files = { f = "a.bin" }
---
[[allow]]
endpoint = "GET /x"
code = "NB101"
reason = "later"
expires = "2030-01-31"
"""
BAD = """
app = 5
---
app = "no colon"
---
loop_limit = "20ms"
---
[[threshold]]
figure = "p59"
limit = "1%"
---
[[threshold]]
figure = "failures"
limit = "most"
---
loop-limit = "soon"
---
deadline = -1
---
n = 2
---
n = 3.5
---
n = "10"
---
factory = "yes"
---
include = [1]
---
fail-on = "some"
---
canary = "health"
---
headers = { a = [1] }
---
headers = { a = { env = "X", b = 1 } }
---
[[endpoint]]
json = {}
---
[[endpoint]]
name = "/x"
---
[[endpoint]]
name = "GET /x"
statuses = [99]
---
[[endpoint]]
name = "GET /x"
unknown = 1
---
[[allow]]
endpoint = "GET /x"
reason = ""
expires = "2030-01-31"
---
[[allow]]
endpoint = "GET /x"
"""


def tables(text):
    """Give the tables of a text, each with its place in it."""
    return [
        pytest.param(tomllib.loads(part), id=f"{n}") for n, part in enumerate(text.split("---"))
    ]


def valid(table):
    """Say whether the schema takes a table."""
    return jsonschema.Draft7Validator(config_schema()).is_valid(table)


def read(table):
    """Say whether the configuration itself takes it."""
    try:
        Table.model_validate(table, context={"environ": {"HOME": "/"}, "secrets": {}})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("table", tables(GOOD))
def test_what_is_read_is_valid(table):
    """An editor underlines nothing that works."""
    assert read(table)
    assert valid(table)


@pytest.mark.parametrize("table", tables(BAD))
def test_what_is_refused_is_not_valid(table):
    """An editor shows the mistake before the command does."""
    assert not read(table)
    assert not valid(table)


def test_it_is_a_schema_of_draft_7_that_explains_every_key():
    """As SchemaStore takes it: the draft, an id, closed objects, a sentence for each key."""
    made = config_schema()
    jsonschema.Draft7Validator.check_schema(made)
    assert made["$schema"] == DRAFT
    for table, read_by in (
        (made, Table),
        (made["definitions"]["EndpointTable"], EndpointTable),
        (made["definitions"]["AllowTable"], AllowTable),
    ):
        assert table["additionalProperties"] is False
        assert set(table["properties"]) == {f.alias for f in read_by.model_fields.values()}
        assert all(len(one["description"]) > 5 for one in table["properties"].values())


def test_the_published_copy_is_what_is_printed():
    """If not: neverblock schema config > docs/partial-neverblock.json."""
    told = say("schema", "config", folder=ROOT)
    assert told.returncode == 0
    assert json.loads(told.stdout) == json.loads(PUBLISHED.read_text("utf-8")) == config_schema()


def test_the_schema_of_a_run_is_printed():
    """The very one that saved runs are checked by."""
    assert json.loads(say("schema", "run", folder=ROOT).stdout) == run_schema()


def test_an_unknown_schema_is_refused():
    """With those that there are."""
    told = say("schema", "policy", folder=ROOT)
    assert told.returncode == 2
    assert "config" in told.stderr
