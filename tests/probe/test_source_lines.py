"""Sources as ``linecache`` gives them, read in one go."""

from __future__ import annotations

import linecache
import os
import threading
import time
from zipfile import ZipFile

import pytest
from needs import of_the_gil

from neverblock.probe.source_lines import lines_of

BOTH = (lines_of, linecache.getlines)


@pytest.mark.parametrize(
    "raw",
    [
        b"one\ntwo\n",
        b"one\r\ntwo",
        b"a = 1\x0c\nb = '\xe2\x80\xa8'\n",
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\n",
        b"\xef\xbb\xbfmarked = 1\n",
    ],
    ids=["plain", "dos", "separators", "latin", "bom"],
)
def test_lines_are_those_that_the_standard_library_gives(tmp_path, raw):
    """Whatever ends them, and in whatever encoding the file says that it is."""
    file = tmp_path / "module.py"
    file.write_bytes(raw)
    given, usual = ([line.rstrip("\n") for line in lines(str(file))] for lines in BOTH)
    assert given == usual


@pytest.mark.parametrize("raw", [b"", b"# coding: nonsense\n", b"name = '\xff'\n"])
def test_what_is_no_source_has_no_lines(tmp_path, raw):
    """A stack is described without them."""
    file = tmp_path / "module.py"
    file.write_bytes(raw)
    assert lines_of(str(file)) == []


def test_what_is_no_file_has_no_lines(tmp_path, monkeypatch):
    """Code that was made, and files that are gone; what `python -c` ran is not what was made."""
    monkeypatch.setitem(linecache.cache, "<string>", (9, None, ["import x\n"], "<string>"))
    lines_of.cache_clear()
    assert lines_of("<string>") == []
    assert lines_of(str(tmp_path / "gone.py")) == []
    assert lines_of(str(tmp_path)) == []


def test_a_module_in_an_archive_is_left_to_its_loader(tmp_path, monkeypatch):
    """As it is where an app is shipped as one file."""
    archive = tmp_path / "app.zip"
    with ZipFile(archive, "w") as into:
        into.writestr("zipped.py", "first = 1\nsecond = 2\n")
    monkeypatch.syspath_prepend(str(archive))
    import zipped  # noqa: PLC0415 - it is there only now

    linecache.lazycache(zipped.__file__, vars(zipped))
    assert lines_of(zipped.__file__) == ["first = 1\n", "second = 2\n"]


@of_the_gil
@pytest.mark.skipif(os.name == "nt", reason="left to the standard library")
def test_reading_keeps_the_gil(tmp_path):
    """Another thread that wants it all the time makes no step meanwhile."""
    files = [tmp_path / f"module{number}.py" for number in range(20)]
    for file in files:
        file.write_text("line = 1\n")
    steps, done = 0, False

    def count():
        nonlocal steps
        while not done:
            steps += 1
            time.sleep(0)

    thread = threading.Thread(target=count)
    thread.start()
    undisturbed = 0
    for file in files:
        before = steps
        lines_of(str(file))
        undisturbed += steps == before
    done = True
    thread.join()
    assert undisturbed > len(files) / 2
    assert steps > 0
