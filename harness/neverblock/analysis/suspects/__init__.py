"""Suspects, which analysers name without running anything, joined with what was measured."""
