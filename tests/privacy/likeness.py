"""What differs between any two worlds, and is made the same before they are compared."""

import re

_RANDOM = (
    (re.compile(r"A-[0-9A-HJKMNP-TV-Z]{7}"), "A-CODE"),
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}"), "ID"),
    (re.compile(r"-[0-9a-f]{6}\.png"), "-ID.png"),
    (re.compile(r"\bF[0-9A-Z]{8,}"), "FILE"),
    (re.compile(r"\bV[0-9A-Z]{8,}"), "VIEW"),
    (re.compile(r"\d{10}\.\d{6}"), "TS"),
    (re.compile(r"\bb\d{4,}\b"), "BLOCK"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"), "WHEN"),
    (re.compile(r"milliseconds=\d+"), "milliseconds=SOME"),
    (re.compile(r"127\.0\.0\.1:\d+"), "HOST"),
)


def alike(text: str) -> str:
    """The same text without random ids, signatures and times."""
    for pattern, name in _RANDOM:
        text = pattern.sub(name, text)
    return text
