"""HTTP connections that end when the other side is slow or its headers do not end.

A body that stops is answered by the gate (`body-timed-out`). What is here holds before there is
a request, after it was answered, and when the other side does not read.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Deadlines(HttpToolsProtocol):
    """uvicorn's protocol with an end to each wait. All times are in seconds."""

    head_s: ClassVar[float] = 10  # from the first byte, or from connecting, to the last header
    body_s: ClassVar[float] = (
        35  # without a byte of a body; longer than the gate's, which answers
    )
    rest_s: ClassVar[float] = 30  # for the rest of a body that was answered before its end
    read_s: ClassVar[float] = 60  # in which the other side reads nothing of what waits for it

    first_s: ClassVar[float] = 1  # for the first request of a connection when the server ends

    most_head: ClassVar[int] = 65_536  # bytes of a request before its body, in several packets

    _sending: asyncio.TimerHandle | None = None
    _reading: asyncio.TimerHandle | None = None
    _head: int | None = None  # bytes of headers that are not complete
    _is_whole = True
    _is_answered = False
    _is_last = False  # the next answer ends the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a request."""
        super().connection_made(transport)
        self._expect(self.head_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Expect nothing any more."""
        self._expect_nothing()
        self._resume()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Refuse headers without end."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > self.most_head:
                self.send_400_response("The headers are too large.")

    def on_message_begin(self) -> None:
        """Expect all headers, however many packets they come in."""
        super().on_message_begin()
        self._head = 0
        self._is_whole = self._is_answered = False
        self._expect(self.head_s)

    def on_headers_complete(self) -> None:
        """Expect a body."""
        super().on_headers_complete()
        if self._is_last:
            self.cycle.keep_alive = False
        self._head = None
        self._expect(self.body_s)

    def on_body(self, body: bytes) -> None:
        """Expect more of the body."""
        super().on_body(body)
        if not self._is_answered:
            self._expect(self.body_s)

    def on_message_complete(self) -> None:
        """Expect nothing: now it is the application's turn."""
        super().on_message_complete()
        self._is_whole = True
        self._expect_nothing()

    def on_response_complete(self) -> None:
        """Let a refused upload end, so that its sender can read why, but not for ever."""
        super().on_response_complete()
        if not self._is_whole:
            self._is_answered = True
            self._expect(self.rest_s)

    def pause_writing(self) -> None:
        """Expect the other side to read."""
        super().pause_writing()
        self._reading = self.loop.call_later(self.read_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the other side has read."""
        super().resume_writing()
        self._resume()

    def shutdown(self) -> None:
        """End after the answer; whoever has just connected may still send a request.

        It may be on its way, and uvicorn would reset the connection.
        """
        self._is_last = True
        if self.cycle is not None:
            super().shutdown()
        elif self._head is None:
            self._expect(self.first_s)

    def _resume(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _expect(self, seconds: float) -> None:
        self._expect_nothing()
        self._sending = self.loop.call_later(seconds, self._give_up)

    def _expect_nothing(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            self._sending = None

    def _give_up(self) -> None:
        if self.flow.read_paused:  # it is the application that does not take more
            self._expect(self.body_s)
        else:
            self.transport.abort()
