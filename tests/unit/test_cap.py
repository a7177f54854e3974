"""Demands in; the resource that limits, and the most requests a second, out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, measured, parallel, solo

from neverblock.analysis.demands import (
    CORES,
    GENERATOR,
    GIL,
    LOOP_COMPUTING,
    LOOP_WAITING,
    UNKNOWN,
    cap_of,
    cpu_limit,
    likely_s,
)
from neverblock.measurement import Demand

FREE = measured(solo(1.0), burst_round(parallel(1.0)))


@pytest.mark.parametrize(
    ("loop_cpu_s", "process_s", "tree_s", "gil", "limit"),
    [
        (0.9, 1.0, 1.0, None, LOOP_COMPUTING),
        (0.89, 1.0, 1.0, None, CORES),
        (0.9, 1.0, 1.9, None, CORES),
        (0.1, 1.0, 1.0, Demand(0.05, 0.1, 1), GIL),
        (0.1, 1.0, 1.0, Demand(0.049, 0.1, 1), CORES),
        (0.1, 1.0, 2.0, Demand(0.1, 0.1, 1), GIL),
        (0.1, 1.0, 2.1, Demand(0.1, 0.1, 1), CORES),
        (0.1, 1.0, None, Demand(0.02, 0.04, 1), GIL),
    ],
)
def test_the_cpu_limits_by_the_loop_the_gil_or_all_cores(loop_cpu_s, process_s, tree_s, gil, limit):
    """The loop where it computes nearly all; the GIL where it was held for most of the rest."""
    loop = replace(FREE.loop, cpu_s=loop_cpu_s, process_cpu_s=process_s)
    demands = {} if gil is None else {GIL: gil}
    assert cpu_limit(replace(FREE, loop=loop, server_cpu_s=tree_s, demands=demands)) == limit
    assert cpu_limit(replace(FREE, loop=None, demands={})) == CORES


@pytest.mark.parametrize(
    ("demands", "per_s", "resource"),
    [
        ({LOOP_WAITING: Demand(0.04, 0.06, 1)}, 20.0, LOOP_WAITING),
        (
            {LOOP_WAITING: Demand(0.1, 0.1, 1), LOOP_COMPUTING: Demand(0.06, 0.06, 1)},
            6.25,
            "loop-w",
        ),
        ({LOOP_WAITING: Demand(0.1, 0.1, 1), LOOP_COMPUTING: Demand(0.15, 0.15, 1)}, 4.0, "loop-c"),
        ({CORES: Demand(0.1, 0.3, 2)}, 20.0, CORES),
        ({GIL: Demand(0.05, 0.1, 1)}, 10.0, GIL),
        ({GIL: Demand(0.04, 0.1, 1)}, 25.0, GIL),
        ({LOOP_COMPUTING: Demand(0.1, 0.1, 1), GIL: Demand(0.11, 0.11, 1)}, 10.0, "loop"),
        ({LOOP_COMPUTING: Demand(0.9, 0.9, 1), GIL: Demand(1.0, 1.0, 1)}, 1 / 0.9, "loop"),
        ({LOOP_COMPUTING: Demand(0.08, 0.08, 1), GIL: Demand(0.1, 0.1, 1)}, 10.0, GIL),
        ({"default-executor": Demand(1.0, 1.0, 6)}, 6.0, "default-executor"),
        ({UNKNOWN: Demand(0.5, 1.0, 1), CORES: Demand(0.1, 0.1, 2)}, 2.0, UNKNOWN),
        ({GENERATOR: Demand(1.0, 1.0, 1), CORES: Demand(0.1, 0.1, 2)}, 20.0, CORES),
    ],
)
def test_the_largest_demand_for_its_servers_caps_the_process(demands, per_s, resource):
    """Servers over demand: the loop's thread is one, and the client's own is none of the app's."""
    cap = cap_of(demands)
    assert cap.per_s == pytest.approx(per_s)
    assert cap.resource.startswith(resource)


def test_what_may_be_nothing_caps_nothing():
    """The machine may have added all of it, and a client is not the app."""
    assert cap_of({UNKNOWN: Demand(0.0, 1.0, 1)}) is None
    assert cap_of({GENERATOR: Demand(1.0, 1.0, 1)}) is None


@pytest.mark.parametrize(
    ("name", "likely"),
    [
        (LOOP_WAITING, 0.2),
        (LOOP_COMPUTING, 0.2),
        ("thread-pool", 0.2),
        (CORES, 0.1),
        (UNKNOWN, 0.1),
    ],
)
def test_a_demand_is_told_by_its_middle_and_less_the_machines_part(name, likely):
    """What others may have taken of the cores is no need of the app's."""
    assert likely_s(name, Demand(0.1, 0.3, 1)) == pytest.approx(likely)


@pytest.mark.parametrize(("low_s", "likely"), [(0.15, 0.3), (0.149, 0.149)])
def test_the_gil_is_needed_for_all_of_it_or_for_what_is_sure(low_s, likely):
    """All, where it was surely held for most of what may have needed it."""
    assert likely_s(GIL, Demand(low_s, 0.3, 1)) == pytest.approx(likely)
