"""A shop's service with known truth: every way to block the loop, and look-alikes that do not."""
