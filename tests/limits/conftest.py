"""Nothing of its own: its place puts this folder on the path, for ``limits_truth``."""
