"""What a run says about the machine's noise."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import burst_round, judged, measured, parallel, result, solo

from neverblock.model import Machine, Verdict
from neverblock.observe import noise

QUIET = judged(measured(solo(1.0), burst_round(parallel(1.0))))


def busy(share):
    """Give a result during which others had such a share of the cores."""
    machine = Machine(steal=0.0, busy=share)
    figures = replace(QUIET.measurement, machine=machine)
    return replace(QUIET, measurement=figures)


def test_each_kind_of_noise_has_a_few_words():
    """Of the others' share it is the median."""
    notes = noise.NoiseMeter().read([busy(0.1), busy(0.3), busy(0.2)])
    assert notes["others busy"] == "20%"
    assert notes["steal"].endswith("%")
    assert notes["run queue"].endswith(" per core")


def test_what_is_not_known_is_left_out(tmp_path, monkeypatch):
    """A target without a probe has no share of others, and not every kernel counts waits."""
    monkeypatch.setattr(noise, "PRESSURE", tmp_path / "none")
    notes = noise.NoiseMeter().read([busy(None), result(Verdict.SKIPPED)])
    assert "others busy" not in notes
    assert "short of cores" not in notes
    assert "others busy" not in noise.NoiseMeter().read([])


@pytest.mark.parametrize(
    ("text", "waited_s"),
    [
        ("some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull total=7\n", 2.5),
        ("full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n", None),
        ("", None),
    ],
)
def test_the_kernels_count_is_in_microseconds(tmp_path, monkeypatch, text, waited_s):
    """Of the line that counts some task's waiting, not all tasks'."""
    monkeypatch.setattr(noise, "PRESSURE", tmp_path / "cpu")
    (tmp_path / "cpu").write_text(text)
    assert noise.short_of_cores_s() == waited_s
