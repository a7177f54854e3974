"""The app to serve in place of the user's own: ``uvicorn harness.probe.app:app``."""

from __future__ import annotations

from harness.probe.config import ProbeConfig
from harness.probe.wrapper import ProbedApp

app = ProbedApp.from_config(ProbeConfig.from_env())
