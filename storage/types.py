"""Column types and identifiers that all tables share."""

import os
import threading
import time
from datetime import UTC, datetime
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
        if value.tzinfo is None:
            raise ValueError(f"a moment without a timezone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_lock = threading.Lock()
_KEPT = 256
_last_of: dict[int, int] = {}  # the last counter of each millisecond, latest used last


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
    milliseconds, sequence = milliseconds + (made >> 12), made & 0xFFF
    value = (milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | sequence << 64
    value |= 0x2 << 62 | int.from_bytes(os.urandom(8), "big") >> 2
    return UUID(int=value)
