"""``neverblock schema``: the JSON schemas of what a project writes and of what a run leaves."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from neverblock.cli.edge import print_out


class Schema(StrEnum):
    """What there is a schema of."""

    CONFIG = "config"
    RUN = "run"


def schema(
    of: Annotated[Schema, typer.Argument(help="config: [tool.neverblock]; run: run.json.")],
) -> None:
    """Print a JSON schema: of the configuration (draft 7), or of a saved run (draft 2020-12).

    - `neverblock schema config > neverblock.json`: for an editor that completes pyproject.toml.
    - `neverblock schema run`: for whoever reads run.json.
    """
    if of is Schema.CONFIG:
        from neverblock.config.schema import config_schema  # noqa: PLC0415 - only what is asked for

        made = config_schema()
    else:
        from neverblock.storage.schema import run_schema  # noqa: PLC0415 - the same

        made = run_schema()
    print_out(json.dumps(made, indent=2) + "\n")
