"""The server of a target with the probe around it: by our uvicorn, or by the user's own command."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from neverblock.probe.config import CANARY_HEADER, CANARY_PATH, PROBED_APP, ProbeConfig
from neverblock.target.along import ALONG, with_probe
from neverblock.target.command import command_server
from neverblock.target.interpreter import own_interpreter
from neverblock.target.server import Server, ServerSpec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from neverblock.plan import Target


def probed_server(
    target: Target,
    name: str,
    trace_dir: Path,
    env: Mapping[str, str],
    port: int = 0,
    *,
    numbered: bool = False,
) -> Server:
    """Give the server, not started yet; its probe will write into ``trace_dir``, created here.

    ``env`` is added to the server's environment, over the target's own. Where requests are
    ``numbered``, each answer says which request it is of. What goes along with the app is put
    beside ``trace_dir``.
    """
    app_dir = target.app_dir.resolve()
    trace_dir.mkdir()
    marks = trace_dir / "marks.json"
    if target.marks:
        marks.write_text(json.dumps(target.marks), encoding="utf-8")
    config = ProbeConfig(
        target=target.app,
        factory=target.factory,
        app_dir=str(app_dir),
        trace_dir=str(trace_dir),
        project_roots=(str(app_dir),),
        marks=str(marks) if target.marks else "",
        numbered=numbered,
    )
    along = trace_dir.parent / ALONG
    variables = {**target.env, **env, **config.to_env()}
    if target.command is not None:
        variables |= with_probe({**os.environ, **variables}, along)
    spec = ServerSpec(
        name,
        PROBED_APP,
        CANARY_PATH,
        target.python or own_interpreter(),
        along,
        env=variables,
        port=port,
        loop=target.loop,
        app_dir=app_dir,
        start_timeout_s=target.start_timeout_s,
        ready_header=CANARY_HEADER,
    )
    return Server(spec) if target.command is None else command_server(spec, target.command)
