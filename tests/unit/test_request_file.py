from __future__ import annotations

import json

from neverblock.load.request_file import RequestFile
from neverblock.model import Beat, UserRequest

BEGUN = {"kind": "begun", "at_s": 1.0, "run_time_s": 60.0, "users": 5}


def written(path, *messages, rest=""):
    """Give a file as a generator writes it."""
    path.write_text("".join(json.dumps(each) + "\n" for each in messages) + rest)
    return RequestFile(path)


def beat(*rows):
    """Give what a generator writes every now and then."""
    return {
        "kind": "requests",
        "at_s": 2.0,
        "users": 5,
        "cpu_s": 0.5,
        "max_lag_s": 0.01,
        "rows": list(rows),
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


def test_news_are_told_once(tmp_path):
    """For whoever watches a load: what was added since the last time."""
    row = ("GET /a", 1.1, 1.2, None, None)
    path = tmp_path / "requests.jsonl"
    file = written(path, BEGUN, beat(row), rest='{"kind": ')
    assert [len(requests) for _, requests in file.news()] == [1]
    assert list(file.news()) == []
    written(path, BEGUN, beat(row), beat(row, row))
    assert [len(requests) for _, requests in file.news()] == [2]
