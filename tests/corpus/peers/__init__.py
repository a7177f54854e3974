"""Other tools that look for a blocked loop, each put to the corpus with its own best settings.

A peer's findings are, by endpoint, the stacks that it reported: innermost frame last, and only
the frames of the corpus, for it is those that a user can fix. An empty stack is a finding that
names no place.
"""
