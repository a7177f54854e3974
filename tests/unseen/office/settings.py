"""Where the others are; known once they are started."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Settings:
    """Addresses and files of what the app uses."""

    partner: str = ""
    redis_port: int = 0
    mail_port: int = 0
    scanner: str = ""
    audit: str = ""
    shop: str = ""
    token: str = ""


settings = Settings()
