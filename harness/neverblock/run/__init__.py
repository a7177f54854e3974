"""The order of things: check, the control, two states in turns, and the log of a run."""
