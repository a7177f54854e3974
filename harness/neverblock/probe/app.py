"""The app to serve in place of the user's own: ``uvicorn neverblock_probe.app:app``."""

from __future__ import annotations

import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - a command of the user's own may run any Python
    raise ImportError(f"neverblock's probe needs Python 3.11 or later, not {sys.version}")

from .config import ProbeConfig
from .wrapper import ProbedApp

_FOLDER = str(Path(__file__).parents[1])
if _FOLDER in sys.path:  # PYTHONPATH has it before the app's own packages
    sys.path.remove(_FOLDER)
    sys.path.append(_FOLDER)

app = ProbedApp.from_config(ProbeConfig.from_env())
