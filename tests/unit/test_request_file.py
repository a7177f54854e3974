from __future__ import annotations

import math

import pytest
from loads import counted, request

from neverblock.load.request_file import RequestFile, lines_of
from neverblock.model import Beat, Record, UserRequest

BEGUN = {"kind": "begun", "at_s": 1.0, "run_time_s": 60.0, "users": 5}


def written(path, *messages, rest=""):
    """Give a file as a generator writes it."""
    path.write_text("".join(map(lines_of, messages)) + rest)
    return RequestFile(path)


def beat(*rows, **more):
    """Give what a generator writes every now and then."""
    asked = [request(name, start_s, end_s - start_s) for name, start_s, end_s, *_ in rows]
    return more | {
        "kind": "requests",
        "at_s": 2.0,
        "users": 5,
        "cpu_s": 0.5,
        "max_lag_s": 0.01,
        "counts": [each.packed() for each in counted(asked)],
        "rows": [[*row, 1.0] for row in rows],
    }


def test_requests_and_beats_are_read_as_often_as_they_are_asked_for(tmp_path):
    """Each time the whole file."""
    rows = [
        ("GET /a", 1.1, 1.2, None, "7;3;GET /a"),
        ("GET /b", 1.1, 1.9, "answered 500", None),
    ]
    file = written(tmp_path / "requests.jsonl", BEGUN, beat(*rows), beat())
    expected = [
        UserRequest("GET /a", 1.1, 1.2, None, 7, 3, "GET /a"),
        UserRequest("GET /b", 1.1, 1.9, "answered 500"),
    ]
    assert list(file) == expected == list(file)
    assert [each.requests for each in file.beats()] == [2, 0]
    assert next(file.beats()) == Beat(2.0, 5, 0.5, 0.01, 2)
    assert file.begun == BEGUN


def test_a_line_that_is_not_written_out_yet_is_left_for_later(tmp_path):
    """The generator may be in the middle of it, or may have been killed there."""
    file = written(tmp_path / "requests.jsonl", BEGUN, beat(), rest='{"kind": "requests", "at')
    assert len(list(file.beats())) == 1


def test_a_generator_that_has_not_begun_has_made_no_request(tmp_path):
    """There is no file yet."""
    file = RequestFile(tmp_path / "requests.jsonl")
    assert (list(file), list(file.beats()), file.begun) == ([], [], None)
    assert (file.made, file.ended, file.events()) == (False, False, [])


def test_news_are_told_once(tmp_path):
    """For whoever watches a load: what was added since the last time."""
    row = ("GET /a", 1.1, 1.2, None, None)
    path = tmp_path / "requests.jsonl"
    file = written(path, BEGUN, beat(row), rest='{"kind": ')
    assert [news[0].took.total for _, news in file.news()] == [1]
    assert list(file.news()) == []
    written(path, BEGUN, beat(row), beat(row, row))
    assert [news[0].took.total for _, news in file.news()] == [2]


def test_what_another_machine_sent_is_on_the_clock_of_this_one(tmp_path):
    """By its round trips; its own clock began to count a hundred seconds before."""
    row = ("GET /a", 101.1, 101.2, None, None)
    path = tmp_path / "requests.jsonl"
    file = written(path, BEGUN, beat(row, worker="far_1", received_s=1.8) | {"at_s": 101.4})
    (lost,) = file
    assert (lost.unsure_s, lost.end_s) == (math.inf, pytest.approx(1.6))
    trip = {"kind": "round_trip", "sent_s": 1.0, "there_s": 101.002, "received_s": 1.004}
    came = {"kind": "event", "worker": "far_1", "what": "came", "why": None, "at_s": 0.5}
    written(path.with_suffix(".workers"), came, trip | {"worker": "far_1"})
    (related,) = file
    assert abs(related.end_s - 1.2) <= related.unsure_s < 0.003
    assert file.unsure_s == related.unsure_s
    assert [second.at_s for second in file.seconds()] == [pytest.approx(1.0, abs=0.003)]
    assert [event.what for event in file.events()] == ["came"]


def test_a_generator_that_came_to_its_end_says_so(tmp_path):
    """One that was killed does not."""
    path = tmp_path / "requests.jsonl"
    assert not written(path, BEGUN, beat()).ended
    assert written(path, BEGUN, beat(), {"kind": "ended", "at_s": 9.0}).ended


def test_requests_that_were_kept_whole_are_given_as_an_engine_gives_them(tmp_path):
    """Numbered in the order they were sent, whoever sent them."""
    late = {
        "sent_s": 1.2, "first_byte_s": None, "done_s": 1.9, "status": None,
        "error": "timeout after 0.7 s", "answer": None, "empty": False,
    }  # fmt: skip
    soon = {
        "sent_s": 1.1, "first_byte_s": 1.2, "done_s": 1.3, "status": 200,
        "error": None, "answer": "b", "empty": True,
    }  # fmt: skip
    file = written(tmp_path / "requests.jsonl", BEGUN, beat(records=[late]), beat(records=[soon]))
    assert file.records() == (
        Record(0, 1.1, 1.2, 1.3, 200, None, "b", empty=True),
        Record(1, 1.2, None, 1.9, None, "timeout after 0.7 s"),
    )
