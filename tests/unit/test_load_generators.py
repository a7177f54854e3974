from __future__ import annotations

from neverblock.analysis.load.generators import Event, Generators, Told, generators_of

CAME = [Event(9.0, "alpha_1a2b", Told.CAME), Event(9.5, "beta_3c4d", Told.CAME)]
ENDED = [Event(70.0, "alpha_1a2b", Told.ENDED), Event(70.1, "beta_3c4d", Told.ENDED)]


def became(*events, **more):
    """Give what became of two generators of a load that began at ten seconds."""
    return generators_of([*CAME, *events], from_s=10.0, **more)


def test_all_that_came_and_ended_are_whole():
    """Nothing is missing then."""
    assert became(*ENDED) == Generators(2)


def test_one_process_has_no_story():
    """Locust alone on this machine, and it came to its end."""
    assert generators_of([], from_s=10.0) == Generators(1)


def test_one_that_is_lost_is_named_with_its_host_and_the_time():
    """What came home until then is counted, and the load is not whole."""
    lost = became(Event(22.0, "beta_3c4d", Told.MISSING), ENDED[0])
    assert lost.came == 2
    assert "load generator 2 on beta gave no sign of life from 12.00 s on" in lost.missing
    assert "What had come home until then is counted." in lost.missing


def test_one_that_was_cut_off_and_came_back_leaves_the_load_incomplete():
    """Its users were taken from it meanwhile, so that it was another load than was asked for."""
    away = [Event(22.0, "beta_3c4d", Told.MISSING), Event(27.0, "beta_3c4d", Told.BACK)]
    assert "load generator 2 on beta was cut off from 12.00 s to 17.00 s" in (
        became(*away, *ENDED).missing
    )


def test_one_whose_last_requests_did_not_come_home_is_named():
    """It was there to the end, and did not end itself."""
    assert "load generator 1 on alpha did not send its last requests" in became(ENDED[1]).missing


def test_a_master_that_dies_is_the_only_thing_to_say():
    """Nobody could tell it that they ended."""
    dead = became(cut_short="Locust ended before its time, with code -9: it printed nothing.")
    assert "code -9" in dead.missing
    assert "did not send" not in dead.missing
    alone = generators_of([], from_s=1.0, cut_short="Locust ended before its time.")
    assert "Locust ended before its time." in alone.missing


def test_one_that_was_refused_is_no_part_of_the_load():
    """It is said, and what the others did counts."""
    refused = became(Event(9.7, "gamma_5e6f", Told.REFUSED, "It is neverblock 0.0.9."), *ENDED)
    assert refused == Generators(2, None, ("It is neverblock 0.0.9.",))


def test_a_clock_that_jumped_is_said():
    """The figures count; what was lost around then is not reckoned."""
    (note,) = became(*ENDED, jumped=["alpha_1a2b"]).notes
    assert "clock of load generator 1 on alpha jumped" in note
