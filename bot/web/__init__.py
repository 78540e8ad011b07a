"""Laurel's web side: Slack over HTTP, health, metrics and pictures."""

from bot.web.site import Site, create

__all__ = ["Site", "create"]
