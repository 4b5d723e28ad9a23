"""Webhook deliveries: in the background, in order for each address, with a few retries."""

import contextlib
import http.client
import json
import queue
import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

PAUSES_S = (0.5, 1.0, 2.0, 4.0)  # between the tries of one event
TIMEOUT_S = 40.0  # a receiver may take its own 30 s
Event = Mapping[str, object]


class Deliveries:
    """One queue and one thread for each address, so that a dead one delays nobody else."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}

    def send(self, url: str, event: Event) -> None:
        """Deliver an event soon."""
        with self._lock:
            if url not in self._lanes:
                self._lanes[url] = _Lane(url)
            self._lanes[url].send(event)

    def end(self, url: str) -> None:
        """Deliver nothing more to this address, also not what waits."""
        with self._lock:
            lane = self._lanes.pop(url, None)
        if lane is not None:
            lane.end()

    def close(self) -> None:
        """Deliver nothing more to anybody."""
        with self._lock:
            lanes = list(self._lanes.values())
            self._lanes.clear()
        for lane in lanes:
            lane.end()


class _Lane:
    def __init__(self, url: str) -> None:
        self._url = url
        self._ended = threading.Event()
        self._waiting: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="webhook", daemon=True).start()

    def send(self, event: Event) -> None:
        self._waiting.put(event)

    def end(self) -> None:
        self._ended.set()
        self._waiting.put(None)

    def _run(self) -> None:
        while not self._ended.is_set():
            event = self._waiting.get()
            if event is not None:
                self._deliver(event)

    def _deliver(self, event: Event) -> None:
        for pause in (*PAUSES_S, 0.0):
            if self._ended.is_set() or _accepted(self._url, event):
                return
            self._ended.wait(pause)


def _accepted(url: str, event: Event) -> bool:
    """Send an event once; say whether the receiver took it. Redirects are not followed."""
    parts = urlsplit(url)
    kind = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    try:
        with contextlib.closing(kind(parts.netloc, timeout=TIMEOUT_S)) as connection:
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            body = json.dumps(event).encode()
            connection.request("POST", target, body, {"Content-Type": "application/json"})
            return 200 <= connection.getresponse().status < 300  # noqa: PLR2004  the 2xx class
    except (OSError, http.client.error):
        return False
