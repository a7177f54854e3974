"""Reading all threads' frames never harms the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

CHURN = """
import gc, sys, threading, time
from neverblock.probe.frames import current_frames

def gives_the_gil_away(*_):
    if "current_frames" in (f.f_code.co_name for f in callers(sys._getframe(1))):
        time.sleep(0.001)

def callers(frame):
    while frame is not None:
        yield frame
        frame = frame.f_back

def watch():
    while time.monotonic() < stop:
        current_frames()
        time.sleep(0.0005)

def work():
    for _ in range(20):
        time.sleep(0.0001)

gc.callbacks.append(gives_the_gil_away)
gc.set_threshold(5)
stop = time.monotonic() + 3
threading.Thread(target=watch, daemon=True).start()
while time.monotonic() < stop:
    threads = [threading.Thread(target=work) for _ in range(6)]
    [t.start() for t in threads]
    [t.join() for t in threads]
print("alive")
"""

DESCENT = """
import gc, random, threading, time
from neverblock.probe.frames import current_frames, walk

watcher = threading.get_ident()

class Garbage:
    def __init__(self):
        self.cycle = self

    def __del__(self):
        global gives
        if gives and threading.get_ident() == watcher:
            gives = False
            time.sleep(0.0005)

def function(width):
    names = ", ".join(f"v{number}" for number in range(width))
    exec(f"def call(rest):\\n {names} = range({width})\\n Garbage()\\n"
         " if rest: rest[0](rest[1:])\\n", globals())
    return call

def work():
    while True:
        chain = random.choices(functions, k=random.randrange(2, 30))
        chain[0](chain[1:])

gives, functions = False, [function(width) for width in range(2, 24)]
worker = threading.Thread(target=work, daemon=True)
worker.start()
gc.set_threshold(50)
stop = time.monotonic() + 3
while time.monotonic() < stop:
    gives = True
    walk(current_frames()[worker.ident], None)
    gives = False
    time.sleep(0)
print("alive")
"""


def test_threads_may_start_and_end_while_their_frames_are_read():
    """A collection inside the look must not meet a starting thread: CPython 3.11.7 deadlocks."""
    churn = [sys.executable, "-c", CHURN]
    try:
        done = subprocess.run(churn, capture_output=True, text=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        pytest.fail("the process froze")
    assert done.stdout.strip() == "alive", done.stderr


def test_a_thread_may_return_from_the_frames_that_are_read():
    """A collection inside the look lets it: CPython 3.11 then takes other objects for frames."""
    descent = [sys.executable, "-X", "faulthandler", "-c", DESCENT]
    done = subprocess.run(descent, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "alive", done.stderr
