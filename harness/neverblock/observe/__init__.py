"""One window around a load: the canary, the trace that the probe wrote, and the machine."""
