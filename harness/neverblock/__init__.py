"""Proves by measurement whether an async web service keeps its event loop free."""
