"""Checks from within a test suite: the app is served here, and measured by a process beside it."""
