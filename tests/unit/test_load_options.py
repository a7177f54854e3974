"""What a person may say of a load, and what is refused before anything is started."""

from __future__ import annotations

import pytest

from neverblock.cli.load_options import distributed, locust_options, paced
from neverblock.errors import UsageError
from neverblock.load.settled import Settled, settled_by
from neverblock.load.spawning import spawn_rate


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("abc", None, None), "'abc' is no number of users. Write a whole number: -u 50."),
        (("0", None, None), "'0' is no number of users"),
        (("1.5", None, None), "'1.5' is no number of users"),
        (("-3", None, None), "'-3' is no number of users"),
        ((None, "0", None), "'0' is no spawn rate. Write users a second: -r 10."),
        ((None, "-1", None), "'-1' is no spawn rate"),
        ((None, "fast", None), "'fast' is no spawn rate"),
        ((None, "inf", None), "'inf' is no spawn rate"),
        ((None, None, "20x"), "'20x' is no time. Write seconds, minutes or hours: -t 90s."),
        ((None, None, "1.5m"), "'1.5m' is no time"),
        ((None, None, "0s"), "'0s' is no time"),
        ((None, None, ""), "'' is no time"),
    ],
)
def test_what_locust_could_not_read_is_refused_with_the_value_and_an_example(given, said):
    """Locust would say so after the app was started, and in many lines."""
    with pytest.raises(UsageError) as raised:
        locust_options([], *given, Settled())
    assert said in " ".join(str(raised.value).split())


@pytest.mark.parametrize("run_time", ["20", "20s", "3m", "2h", "1h20m", "3h30m10s"])
def test_times_are_those_of_locust(run_time):
    """All forms that its own help names, handed on as they are."""
    given = locust_options([], "50", "0.5", run_time, Settled())
    assert given == ("-u", "50", "-r", "0.5", "-t", run_time)


def test_without_a_locustfile_there_are_users_and_an_end():
    """How fast they start is decided where the load begins."""
    assert locust_options([], None, None, None, Settled()) == ("-u", "10", "-t", "30s")


def test_what_locusts_own_configuration_says_stands(tmp_path, monkeypatch):
    """A file in the folder or a variable, as Locust itself reads them."""
    monkeypatch.chdir(tmp_path)
    for name in ("LOCUST_LOCUSTFILE", "LOCUST_USERS", "LOCUST_RUN_TIME"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "locust.conf").write_text("users = 6\nlocustfile = locustfile.py\n")
    settled = settled_by(["--tags", "buyers"])
    assert settled == Settled(locustfile=True, users=True)
    assert locust_options([], None, None, None, settled) == ()
    monkeypatch.setenv("LOCUST_RUN_TIME", "5s")
    (tmp_path / "locust.conf").write_text("")
    assert locust_options([], None, None, None, settled_by([])) == ("-u", "10")


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate):
    """With an example."""
    with pytest.raises(UsageError, match=r"is no rate\.\s+Write tasks a second: --rate 200"):
        paced(rate, None, None)


@pytest.mark.parametrize(
    ("users", "run_time_s", "rate"), [(200, 60, 40), (200, None, 40), (8, 10, 8), (10, 3600, 2)]
)
def test_all_users_are_there_soon(users, run_time_s, rate):
    """Within five seconds, or a tenth of a shorter load."""
    assert spawn_rate(users, run_time_s) == pytest.approx(rate)


def test_generators_of_other_machines_are_refused_for_an_app_on_loopback():
    """Each would ask its own machine; for a URL, or on this machine, they are welcome."""
    with pytest.raises(UsageError, match="main:app is served on loopback"):
        distributed(None, 8, None, "0.0.0.0:5557", "main:app")
    url = distributed(None, 8, None, "0.0.0.0:5557", "http://10.0.0.9:8000")
    here = distributed(None, 2, None, "127.0.0.1:5557", "main:app")
    assert (url.workers, here.workers) == (8, 2)
    assert distributed(4, None, None, None, "main:app").workers == 4
