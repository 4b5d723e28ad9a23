"""The connector as its author writes it: functions, bound to triggers and to its life."""

import json
import signal
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import NoReturn, TypeVar

from connectory_sdk.environment import current, learn_secrets
from connectory_sdk.events import Event, RefusedError, TryLaterError, planned_in
from connectory_sdk.health import Health
from connectory_sdk.logs import RUN, log, log_uncaught
from connectory_sdk.metrics import CONTENT_TYPE, METRICS
from connectory_sdk.process import measure
from connectory_sdk.reports import OUTPUTS, SECRETS
from connectory_sdk.runs import Reply, Runner, failure, reply
from connectory_sdk.server import Request, Server

BODY_LIMIT = 1_048_576  # bytes
GRACE_S = 5.0  # for requests in progress when asked to stop
START_PAUSES_S = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # the last one repeats
MANUAL, SCHEDULE = "manual", "schedule"
RUN_PATHS = {"/run": MANUAL, "/run/schedule": SCHEDULE}  # path -> trigger
RESERVED = ("/healthz", "/metrics", "/lifecycle/remove", *RUN_PATHS)

Handler = Callable[[Event], object]
Hook = Callable[[], object]
AnyHandler = TypeVar("AnyHandler", bound=Handler)
AnyHook = TypeVar("AnyHook", bound=Hook)


class App:
    """A connector. Register functions with the decorators, then call `serve`.

    From its creation on, errors that nobody catches go to the log with secrets masked, so
    create it before reading settings.

    Args:
        deadline_s: Seconds after which the caller of a run gets 504.
        body_limit: Largest request body in bytes; more is answered with 413.
        concurrency: Runs at the same time; more are answered with 503 and Retry-After.
        environment: Where to read; the process environment unless given.
    """

    def __init__(
        self,
        *,
        deadline_s: float = 30.0,
        body_limit: int = BODY_LIMIT,
        concurrency: int = 8,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.health = Health()
        self._environment = current() if environment is None else environment
        self.instance = self._environment.get("CONNECTORY_INSTANCE", "")  # `team/name`
        self._body_limit = body_limit
        self._runner = Runner(concurrency=concurrency, deadline_s=deadline_s)
        self._handlers: dict[str, Handler] = {}  # by path
        self._on_start: list[Hook] = []
        self._on_remove: list[Hook] = []
        learn_secrets(self._environment)
        log_uncaught()

    def webhook(self, path: str) -> Callable[[AnyHandler], AnyHandler]:
        """Run the function for each `POST path`; what it returns is the JSON answer.

        Raises:
            ValueError: If the path is reserved, taken, or does not start with a slash.
        """
        if not path.startswith("/") or path in RESERVED or path in self._handlers:
            raise ValueError(f"{path} cannot be the path of a webhook")

        def register(handler: AnyHandler) -> AnyHandler:
            self._handlers[path] = handler
            return handler

        return register

    def manual(self, handler: AnyHandler) -> AnyHandler:
        """Run the function for each `POST /run`, that is when a person starts it."""
        self._handlers["/run"] = handler
        return handler

    def schedule(self, handler: AnyHandler) -> AnyHandler:
        """Run the function at the times that the schedules of the manifest name.

        `event.planned` is that time, which is the same when a run is tried again. With more
        than one schedule, `event.field("schedule", str)` says which: `0 7 * * * UTC`.
        """
        self._handlers["/run/schedule"] = handler
        return handler

    def on_start(self, hook: AnyHook) -> AnyHook:
        """Call the function at start, again until it succeeds; health says what is wrong."""
        self._on_start.append(hook)
        return hook

    def on_remove(self, hook: AnyHook) -> AnyHook:
        """Call the function before the instance is removed, to undo what `on_start` did."""
        self._on_remove.append(hook)
        return hook

    def answer(self, request: Request) -> Reply:
        """Answer one request of the platform or of a trigger."""
        allowed, respond = self._route(request.path)
        if respond is None:
            return failure(HTTPStatus.NOT_FOUND, f"nothing answers at {request.path}")
        if request.method != allowed:
            return failure(HTTPStatus.METHOD_NOT_ALLOWED, f"use {allowed}", Allow=allowed)
        return respond(request)

    def start(self) -> None:
        """Call the start hooks once, in their order, where `serve` does not run.

        Raises:
            Exception: What a hook raises; the ones behind it are not called.
        """
        for hook in self._on_start:
            hook()

    def serve(self) -> None:
        """Listen until SIGTERM or SIGINT, then finish what is in progress and return."""
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        address = self._environment.get("CONNECTORY_LISTEN", "127.0.0.1")
        port = int(self._environment.get("PORT", "8080"))
        server = Server((address, port), self.answer, body_limit=self._body_limit)
        self.health.fail("start", "not started yet")  # before anybody can ask
        server.start()
        facts = SECRETS.begin() | OUTPUTS.begin()
        log.info("listening", address=address, port=server.port, **facts)
        threading.Thread(target=self._start, args=(stop,), daemon=True).start()
        stop.wait()
        finished = server.stop(GRACE_S)
        log.info("stopped", finished=finished)

    def _start(self, stop: threading.Event) -> None:
        """Call the start hooks in order, each until it succeeds."""
        hooks = list(self._on_start)
        tries = 0
        while hooks and not stop.is_set():
            try:
                hooks[0]()
                hooks.pop(0)
            except Exception as error:  # noqa: BLE001  the author's code: logged and repeated
                self.health.fail("start", str(error) or type(error).__name__)
                pause = START_PAUSES_S[min(tries, len(START_PAUSES_S) - 1)]
                tries += 1
                if isinstance(error, TryLaterError):
                    log.warn("start failed", reason=error, tries=tries, retry_in_s=pause)
                else:
                    log.crash("start failed", error, tries=tries, retry_in_s=pause)
                stop.wait(pause)
        if not hooks:
            self.health.clear("start")
            log.info("started")

    def _route(self, path: str) -> tuple[str, Callable[[Request], Reply] | None]:
        fixed = {
            "/healthz": ("GET", _ignoring_request(self._healthz)),
            "/metrics": ("GET", _ignoring_request(_metrics)),
            "/lifecycle/remove": ("POST", _ignoring_request(self._remove)),
        }
        if path in fixed:
            return fixed[path]
        handler = self._handlers.get(path)
        if handler is None:
            return "POST", None
        trigger = RUN_PATHS.get(path, path)
        return "POST", lambda request: self._trigger(trigger, handler, request)

    def _trigger(self, trigger: str, handler: Handler, request: Request) -> Reply:
        try:
            body = json.loads(request.body or b"{}", parse_constant=_no_constant)
            planned = planned_in(body) if trigger == SCHEDULE else None
        except (ValueError, RecursionError):
            return failure(HTTPStatus.BAD_REQUEST, "the body is not JSON in UTF-8")
        except RefusedError as error:
            return failure(error.status, str(error))
        deadline = time.monotonic() + self._runner.deadline_s
        event = Event(
            trigger,
            body,
            request.query,
            deadline,
            run=request.run,
            attempt=request.attempt,
            planned=planned,
        )

        def work() -> object:
            RUN.set(event.run)  # the thread ends with the run
            return handler(event)

        return self._runner.run(trigger, work)

    def _remove(self) -> Reply:
        def undo() -> object:
            for hook in self._on_remove:
                hook()
            return {"status": "removed"}

        return self._runner.run("remove", undo)

    def _healthz(self) -> Reply:
        reasons = self.health.reasons()
        if not reasons:
            return reply(HTTPStatus.OK, {"status": "ok"})
        told = [f"{part}: {reason}" for part, reason in reasons.items()]
        return reply(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "failing", "reasons": told})


def _metrics() -> Reply:
    measure()
    return Reply(HTTPStatus.OK, METRICS.text().encode(), CONTENT_TYPE)


def _ignoring_request(respond: Callable[[], Reply]) -> Callable[[Request], Reply]:
    return lambda _request: respond()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
