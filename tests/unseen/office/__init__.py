"""A back office as many are: what blocks its event loop, the same done rightly, and decoys."""
