"""Runs a function for a caller who waits only so long."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from connectory_sdk.events import RefusedError, TryLaterError
from connectory_sdk.logs import log
from connectory_sdk.masking import MASKER
from connectory_sdk.metrics import counter, gauge, histogram
from connectory_sdk.reports import OUTPUTS

RUNS = counter("connector_runs_total", "Runs by how they ended.", ("trigger", "outcome"))
SECONDS = histogram("connector_run_seconds", "Duration of runs in seconds.", ("trigger",))
BUSY = gauge("connector_runs_in_progress", "Runs that have not ended.")


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: HTTPStatus
    body: bytes
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def reply(status: HTTPStatus, content: object, **headers: str) -> Reply:
    """Return a JSON answer; known secrets in it are masked."""
    text = json.dumps(MASKER.clean_json(content), ensure_ascii=False)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, text.encode("utf-8", "backslashreplace"), headers=named)


def failure(status: HTTPStatus, message: str, **headers: str) -> Reply:
    """Return the JSON answer for something that did not work."""
    error = status.phrase.lower().replace(" ", "-")
    return reply(status, {"error": error, "message": message}, **headers)


class Runner:
    """Runs up to `concurrency` functions at once, each in a thread of its own.

    Python cannot stop a thread: a run that misses its deadline is answered with 504 and keeps
    its slot until it ends, so that stuck runs cannot pile up.
    """

    def __init__(self, *, concurrency: int, deadline_s: float) -> None:
        self.deadline_s = deadline_s
        self._slots = threading.BoundedSemaphore(concurrency)

    def run(self, trigger: str, work: Callable[[], object]) -> Reply:
        """Do the work and return its answer: JSON of what it returned, or what went wrong."""
        if not self._slots.acquire(blocking=False):
            RUNS.inc(trigger=trigger, outcome="busy")
            return failure(HTTPStatus.SERVICE_UNAVAILABLE, "too many runs", Retry_After="1")
        finished = threading.Event()
        answers: list[Reply] = []

        def in_thread() -> None:
            try:
                answers.append(_measured(trigger, work))
            finally:
                self._slots.release()
                finished.set()

        threading.Thread(target=in_thread, name=f"run {trigger}", daemon=True).start()
        if finished.wait(self.deadline_s) and answers:
            return answers[0]
        RUNS.inc(trigger=trigger, outcome="timed-out")
        log.error("run missed its deadline", trigger=trigger, deadline_s=self.deadline_s)
        return failure(HTTPStatus.GATEWAY_TIMEOUT, f"not done after {self.deadline_s:g} s")


def _measured(trigger: str, work: Callable[[], object]) -> Reply:
    started = time.monotonic()
    BUSY.inc()
    try:
        outcome, answer = _answered(trigger, work)
    finally:
        BUSY.inc(-1)
        SECONDS.observe(time.monotonic() - started, trigger=trigger)
    RUNS.inc(trigger=trigger, outcome=outcome)
    return answer


def _answered(trigger: str, work: Callable[[], object]) -> tuple[str, Reply]:
    try:
        result = work()
        if isinstance(result, Mapping):
            OUTPUTS.note(*result)
        return "done", reply(HTTPStatus.OK, {"status": "done"} if result is None else result)
    except RefusedError as error:
        log.warn("refused", trigger=trigger, reason=str(error))
        return "refused", failure(error.status, str(error))
    except TryLaterError as error:
        log.warn("not now", trigger=trigger, reason=str(error), after_s=error.after_s)
        later = failure(
            HTTPStatus.SERVICE_UNAVAILABLE, str(error), Retry_After=str(error.after_s)
        )
        return "later", later
    except Exception as error:  # noqa: BLE001  the edge of the author's code: logged, counted
        log.crash("run failed", error, trigger=trigger)
        return "failed", failure(
            HTTPStatus.INTERNAL_SERVER_ERROR, "the run failed; see its log"
        )
