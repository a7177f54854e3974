"""A load: its requests and what held the loop meanwhile in, figures and harm out. Pure."""
