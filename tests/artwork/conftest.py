from __future__ import annotations

import pytest

from bot.artwork import generated_badge


@pytest.fixture(scope="session")
def badge() -> bytes:
    """An original to make tiles, cards and cases from."""
    return generated_badge("Ping-Pong Champion", seed="ping-pong-champion", size=256)
