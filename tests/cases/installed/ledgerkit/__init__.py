"""A package that somebody installed, with an app in it."""

from ledgerkit.routes import make_app

__all__ = ["make_app"]
