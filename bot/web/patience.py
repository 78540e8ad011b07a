"""How long a connection may take, and how much it may say before it is heard.

uvicorn gives a connection that says nothing, or a little at a time, as long as it likes, and keeps
whatever is in the head of a request. A few hundred of those would leave no file for anybody else.
"""

from asyncio import TimerHandle, Transport

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_WITHIN = (
    10.0  # seconds for the head of a request, from its first byte or the connection's start
)
WHOLE_WITHIN = 30.0  # seconds from there until its answer was taken
LONGEST_HEAD = 32_768  # bytes of a request's address and headers
CONNECTIONS = 512  # at once; with the usual limit of 1,024 files there are some left for the rest


class PatientProtocol(HttpToolsProtocol):
    """uvicorn's HTTP, which lets go of whoever is slow, says too much, or is one too many."""

    head_within = HEAD_WITHIN
    whole_within = WHOLE_WITHIN
    most_connections = CONNECTIONS

    _late: TimerHandle | None = None
    _said = 0  # bytes of the head that is being read
    _in_head = True

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """Begin to wait for the head of the first request."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            transport.abort()
            return
        self._wait(self.head_within)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, as long as the head is of a length that a head can have."""
        if self._in_head:
            self._said += len(data)
            if self._late is None:
                self._wait(self.head_within)
        super().data_received(data)
        if self._in_head and self._said > LONGEST_HEAD and not self.transport.is_closing():
            self._wait(None)
            self.transport.abort()

    def on_headers_complete(self) -> None:
        """From here on, the request has its time as a whole."""
        self._in_head = False
        self._wait(self.whole_within)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """The next request on this connection has its own time."""
        was_sent_along = bool(self.pipeline)  # its head was heard while this one was answered
        super().on_response_complete()
        self._in_head, self._said = not was_sent_along, 0
        self._wait(self.whole_within if was_sent_along else None)

    def _wait(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        self._late = None if seconds is None else self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.abort()
