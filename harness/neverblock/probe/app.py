"""The app to serve in place of the user's own: ``uvicorn neverblock.probe.app:app``."""

from __future__ import annotations

from neverblock.probe.config import ProbeConfig
from neverblock.probe.wrapper import ProbedApp

app = ProbedApp.from_config(ProbeConfig.from_env())
