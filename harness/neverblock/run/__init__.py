"""The order of things: check, the positive control, two states interleaved, the log of a run."""
