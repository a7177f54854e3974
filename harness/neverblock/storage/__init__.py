"""Runs as JSON, their schema, and the runs that were saved before."""
