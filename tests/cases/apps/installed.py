"""An app whose handlers are in an installed package."""

from ledgerkit import make_app

app = make_app()
