"""The reference app: its runner and its real services."""
