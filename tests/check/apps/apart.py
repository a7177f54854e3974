"""An app of an environment of its own, which writes down what it sees of it."""

import json
import os
import sys
import time
from pathlib import Path

import uvicorn
from fastapi import FastAPI

probe = Path(next(folder for folder in sys.path if "along/probe" in folder))
Path("seen.json").write_text(
    json.dumps(
        {
            "python": sys.executable,
            "path": sys.path,
            "probe": [p.name for p in probe.iterdir()],
            "uvicorn": uvicorn.__version__,
            "pythonpath": os.environ.get("PYTHONPATH"),
        }
    )
)

app = FastAPI()


@app.get("/free")
async def free(x: int = 0):
    """Keep the loop free."""
    return x


@app.get("/blocks")
async def blocks():
    """Block it."""
    time.sleep(0.1)  # mark: blocks
    return 1
