"""`DATABASE_URL`, looked over before anything connects: wrong ones get a sentence, never repeated.

Nothing of the address is quoted but the names of its parameters: anything else may be a password's part.
"""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SCHEMES = ("sqlite", "postgresql", "postgres", "postgresql+psycopg")
IN_MEMORY = ("", ":memory:")
_EXAMPLES = "sqlite:///laurel.db or postgresql://user:password@host/laurel"


def checked(text: str) -> str:
    """The address as it is. Raises ValueError with a sentence's rest: what is wrong, and what to write."""
    scheme, separator, _ = text.partition(":")
    if not separator or scheme not in SCHEMES:
        raise ValueError(f"is not an address of SQLite or PostgreSQL: write it like {_EXAMPLES}.")
    try:
        url = make_url(text)
    except ArgumentError:
        raise ValueError(f"cannot be read: write it like {_EXAMPLES}.") from None
    except ValueError:  # int(), of what stands where the port should
        raise ValueError(_PORT) from None
    if url.get_backend_name() == "sqlite":
        _check_sqlite(url)
    else:
        _check_postgresql(url)
    return text


_PORT = (
    "has no port number after its host’s colon: write it like"
    " postgresql://user:password@host:5432/laurel, and in the password %40 for @, %3A for : and %2F"
    " for /."
)


def _check_sqlite(url: URL) -> None:
    if url.host or url.username:
        raise ValueError(
            "names a host, and SQLite has none: write three slashes before the file, as in"
            " sqlite:///laurel.db."
        )
    if (url.database or "") in IN_MEMORY:
        raise ValueError(
            "names no file, and in memory nothing would be kept: write it like sqlite:///laurel.db."
        )
    if url.query:
        raise ValueError(
            f"has {_listed(url)} after the question mark: for SQLite nothing can stand there, so leave"
            " it out."
        )


def _check_postgresql(url: URL) -> None:
    if "@" in (url.host or ""):
        raise ValueError("has several @: write %40 for each one in the password.")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise ValueError(_PORT)
    if not url.query:
        return
    from psycopg import pq  # takes a moment, and hardly anybody needs it here

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    strange = [name for name in url.query if name not in known]
    if strange:
        raise ValueError(
            f"has {_listed(url, strange)} after the question mark, which PostgreSQL does not know:"
            " leave it out, or write one of libpq’s parameters, such as sslmode=require."
        )
    try:
        url.set(drivername="postgresql+psycopg").get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError):  # several hosts, each with a port
        raise ValueError(_PORT) from None


def _listed(url: URL, names: list[str] | None = None) -> str:
    return ", ".join(f"“{name}”" for name in (url.query if names is None else names))
