"""Column types and identifiers that all tables share."""

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment, on SQLite too, which has no timezones of its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        value = _in_utc(value)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """SQLAlchemy's, without the two Python functions that it has for each moment on SQLite."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a timezone cannot be stored: {value!r}")
    return value.astimezone(UTC)


_UTC = -len("+00:00")


def _as_text(value: datetime | None) -> str | None:
    """As SQLAlchemy writes moments on SQLite: 2026-05-04 09:30:00.000000."""
    if value is None:
        return None
    return _in_utc(value).isoformat(" ", "microseconds")[:_UTC]


def as_hex(value: UUID | None) -> str | None:
    """As SQLAlchemy and psycopg write identifiers, in half the time: 32 hexadecimal digits."""
    return None if value is None else value.int.to_bytes(16, "big").hex()


_lock = threading.Lock()
_KEPT = 256
_last_of: dict[int, int] = {}  # the last counter of each millisecond, latest used last
# Asking the system for randomness lets another thread in each time; it is asked for much at once.
_AT_ONCE = 512
_random = bytearray()
os.register_at_fork(after_in_child=_random.clear)


def new_id(at: datetime | None = None) -> UUID:
    """A time-ordered identifier: UUID version 7 of RFC 9562.

    48 bits of milliseconds, a 12-bit counter, so that what one process makes for a millisecond keeps
    its order, whatever other threads make in between, and 62 random bits.
    """
    milliseconds = int(at.timestamp() * 1000) if at else time.time_ns() // 1_000_000
    with _lock:
        made = _last_of.pop(milliseconds, -1) + 1
        _last_of[milliseconds] = made
        if len(_last_of) > _KEPT:
            del _last_of[next(iter(_last_of))]
        random = _random_bits()
    milliseconds, sequence = milliseconds + (made >> 12), made & 0xFFF
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | sequence << 64
    value |= 0x2 << 62 | random >> 2
    return UUID(int=value)


def first_id(at: datetime) -> UUID:
    """What comes before every identifier that `new_id` makes at this moment or later."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def random_bits(count: int) -> int:
    """A number of so many bits, at most 64, from the system's randomness."""
    with _lock:
        return _random_bits() >> 64 - count


def _random_bits() -> int:
    if not _random:
        _random.extend(os.urandom(8 * _AT_ONCE))
    taken = int.from_bytes(_random[-8:], "big")
    del _random[-8:]
    return taken
