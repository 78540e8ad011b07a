"""Logs: one line a thing that happened, with ids, and without tokens, addresses or reasons."""

import json
import logging
import re
import sys
import threading
from collections import deque
from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TextIO

# Whatever a LogRecord has of its own; everything else on one was given as `extra`.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_SECRETS = (
    (re.compile(r"\b(xox[a-z]|xapp|xwfp)-[\w.-]+", re.IGNORECASE), r"\1-…"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}"), r"\1 …"),
    # Addresses that let anyone who has them write into the workspace.
    (
        re.compile(r"(https?://[^\s/\"']+)/(actions|commands|services|workflows|link)/[^\s\"'>)]+"),
        r"\1/\2/…",
    ),
    (re.compile(r"(?i)\b(token|ticket|secret|password|signature)=[^\s&\"']+"), r"\1=…"),
    (re.compile(r"(\w+://[^\s/:@]+):[^\s/@]+@"), r"\1:…@"),  # a password within an address
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "…@…"),
)
# One of these is in whatever a pattern above finds: most of what is logged has none of them.
_SUSPICIOUS = ("=", "@", "/", "xox", "xapp", "xwfp", "bearer", "basic")
_SOON = 0.05  # seconds
_MOST_LINES = 10_000  # that wait for a log that nobody reads
_encode = json.JSONEncoder(ensure_ascii=False, default=str).encode
_NUMBERS = (int, float, bool)
_PLAIN = re.compile(r"[\w./:+@#,\[\]-]+", re.ASCII)


def set_up(log_format: str = "text", *, stream: TextIO | None = None) -> None:
    """Have everything logged to one stream (standard error), as text or JSON lines."""
    handler = SoonHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    # Who asked for a line, where and in which thread, is not in it, and takes long to find:
    # https://docs.python.org/3/howto/logging.html#optimization
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    # These tell of every connection and run; what matters of it Laurel says itself.
    for name in ("alembic", "uvicorn", "sqlalchemy", "urllib3", "PIL"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of each time that a job is still at it, as jobs are while the database hangs.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # Whatever it raises is told of by who asked; its own lines quote what came back, names and all.
    logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)


class SoonHandler(logging.StreamHandler[TextIO]):
    """Writes a moment later, many lines at once; from a warning on, at once.

    So nobody who answers waits for another's line to be written. What ends Laurel from one moment to
    the next, such as SIGKILL, may take the lines of the last moment with it.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._writing = threading.Lock()
        self._is_coming = False  # that they are written

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line, or write it with all that were kept."""
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:
            self.handleError(record)
        if record.levelno >= logging.WARNING:
            self.flush()
        elif not self._is_coming:
            self._is_coming = True
            timer = threading.Timer(_SOON, self.flush)
            timer.daemon = True
            try:
                timer.start()
            except RuntimeError:  # no thread can begin any more: the interpreter ends
                self.flush()

    def flush(self) -> None:
        """Write what was kept."""
        self._is_coming = False
        with self._writing:
            lines = []
            while self._lines:
                lines.append(self._lines.popleft())
            # Where the log itself cannot be written, there is nowhere to say so.
            with suppress(OSError, ValueError):
                self.stream.write("".join(lines))
                self.stream.flush()


def redacted(text: str) -> str:
    """The text without tokens, secret addresses and e-mail addresses."""
    lowered = text.lower()
    if not any(sign in lowered for sign in _SUSPICIOUS):
        return text
    for pattern, instead in _SECRETS:
        text = pattern.sub(instead, text)
    return text


class TextFormatter(logging.Formatter):
    """`2026-11-20T15:30:00Z INFO delivery sent kind=announce`, a traceback on the lines after."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and what was raised."""
        parts = [_when(record), record.levelname, _one_line(redacted(record.getMessage()))]
        parts += [f"{name}={_quoted(value)}" for name, value in _extra(record).items()]
        line = " ".join(parts)
        raised = _raised(self, record)
        return f"{line}\n{raised}" if raised else line


class JsonFormatter(logging.Formatter):
    """The same as an object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line."""
        said: dict[str, Any] = {
            "time": _when(record),
            "level": record.levelname,
            "event": redacted(record.getMessage()),
            "logger": record.name,
            **_extra(record),
        }
        if raised := _raised(self, record):
            said["raised"] = raised
        return _encode(said)


def _when(record: logging.LogRecord) -> str:
    return _second(int(record.created))


@lru_cache(maxsize=4)
def _second(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {
        name: value if isinstance(value, _NUMBERS) else redacted(str(value))
        for name, value in vars(record).items()
        if name not in _OWN
    }


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _quoted(value: Any) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _raised(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    if not record.exc_info:
        return ""
    return redacted(formatter.formatException(record.exc_info))
