"""What is kept of the requests that a generator makes: counts of all, and a sample of them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from neverblock.analysis.load.seconds import unpacked

MANY, MOST = 5000, 250


@pytest.fixture(scope="module")
def recorded():
    """Each case's flush."""
    script = Path(__file__).with_name("recorded.py")
    done = subprocess.run([sys.executable, script], check=True, capture_output=True, timeout=60)
    return json.loads(done.stdout)


def test_single_requests_are_a_sample_that_stands_for_all(recorded):
    """No more than a bound, from the beginning to the end alike, and their weights add up."""
    rows = [row for row in recorded["sample"]["rows"] if row[0] == "GET /a"]
    assert len(rows) == MOST
    assert sum(row[5] for row in rows) == pytest.approx(MANY)
    numbers = sorted(int(row[4].split(";")[1]) for row in rows)
    # the mean of 250 of them has a deviation of 91
    assert abs(sum(numbers) / MOST - MANY / 2) < 365
    assert len(set(numbers)) == MOST


def test_the_first_request_of_a_route_is_kept_beside_the_sample(recorded):
    """It warms up what others find warm, and stands for itself."""
    (row,) = (row for row in recorded["sample"]["rows"] if row[0] == "GET /new")
    assert row[5] == 1.0


def test_every_single_request_is_kept_where_that_is_asked_for(recorded):
    """A rate is reckoned from them."""
    assert len(recorded["every"]["rows"]) == MANY + 1
    assert {row[5] for row in recorded["every"]["rows"]} == {1.0}


def test_all_requests_are_counted_whatever_is_kept(recorded):
    """By name, with their status."""
    of = {second[0]: 0 for second in recorded["sample"]["counts"]}
    for second in map(unpacked, recorded["sample"]["counts"]):
        of[second.name] += second.answers["200"]
    assert of == {"GET /a": MANY, "GET /new": 1}


def test_what_was_in_flight_when_the_server_died_is_kept_of_any_number(recorded):
    """The many that are refused afterwards do not crowd it out."""
    rows = recorded["dying"]["rows"]
    assert sum(row[0] == "GET /reset" for row in rows) == 40
    assert sum(row[0] == "GET /refused" for row in rows) <= MOST
