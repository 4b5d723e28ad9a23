"""The worker: takes operations from the journal and brings them to an end.

Each step is journaled before its effect (intent) and after it (record). A worker that dies
leaves its lease behind; whoever takes the operation next repeats the step that has an intent
and no record, which is why steps are idempotent. Every write checks the fence, so a worker that
was thought dead and wakes up changes nothing.
"""

import dataclasses
import logging
import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta

from connectory.kernel.errors import ConnectoryError, Kind
from connectory.operations import store
from connectory.operations.rules import (
    CancelledError,
    Done,
    LeaseLostError,
    Operation,
    Recipe,
    Recipes,
    State,
    Step,
    StepState,
)
from connectory.work import Event, Origin, Work, Works

LOG = logging.getLogger("connectory.operations")
UNDO_TRIES = 5


@dataclass(frozen=True, slots=True)
class OperationFinished(Event):
    """An operation reached its final state."""

    operation: str
    kind_of_operation: str
    state: str
    error: str


class StepDefectError(ConnectoryError):
    """A step failed in a way that nobody foresaw; the trace is in the server's log."""

    kind = Kind.FAILED
    code = "step-defect"

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(
            f"step {step} failed unexpectedly: {reason}",
            hint="the operator finds the trace in the server's log",
        )


def crash_at(point: str, wanted: str) -> None:
    """Kill this process where a fault test asks for it (`CONNECTORY_CRASH_AT`)."""
    if wanted and point == wanted:
        os.kill(os.getpid(), signal.SIGKILL)


@dataclass(slots=True)
class Engine:
    """Runs operations one at a time per calling thread; any number of threads may call.

    `crash_point` names a boundary (`install.start.effect`) at which the process kills itself;
    it exists for the tests of exactly that.
    """

    works: Works
    recipes: Recipes
    lease: timedelta
    crash_point: str = ""
    stopping: threading.Event = field(default_factory=threading.Event)
    worker: str = field(
        default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    )
    _held: dict[str, Operation] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def turn(self) -> None:
        """Bring every operation that is free to an end, one after the other.

        Once `stopping` is set no other one is begun.
        """
        while not self.stopping.is_set() and (held := self._claim()) is not None:
            try:
                self._run(held, self.recipes[held.kind])
            except LeaseLostError as lost:
                LOG.warning("%s", lost.message, extra={"operation": held.id})
            finally:
                with self._lock:
                    self._held.pop(held.id, None)

    def beat(self) -> None:
        """Keep the leases of all operations that this process is working on."""
        with self._lock:
            held = list(self._held.values())
        for operation in held:
            with self.works.write() as work:
                store.extend(work, operation, self.lease)

    def _claim(self) -> Operation | None:
        with self.works.read() as work:
            if not store.has_free(work):
                return None
        with self.works.write() as work:
            held = store.claim(work, self.worker, self.lease)
        if held is not None:
            with self._lock:
                self._held[held.id] = held
        return held

    def _run(self, held: Operation, recipe: Recipe) -> None:
        if not held.is_undoing:
            error = self._do_all(held, recipe)
            if error is None:
                self._finish(held, recipe, State.SUCCEEDED, None)
                return
            if not recipe.undoes:
                self._finish(held, recipe, State.FAILED, error)
                return
            with self._write(held) as work:
                store.begin_undo(work, held, error)
            held = dataclasses.replace(held, is_undoing=True, error=error)
        self._undo_all(held, recipe)

    def _do_all(self, held: Operation, recipe: Recipe) -> dict[str, str] | None:
        with self.works.read() as work:
            states = store.step_states(work, held.id)
        for step in recipe.steps:
            if states.get(step.name) is StepState.DONE:
                continue
            error = self._do(held, step)
            if error is not None:
                return error
        return None

    def _do(self, held: Operation, step: Step) -> dict[str, str] | None:
        try:
            with self._write(held) as work:
                store.start_step(work, held, step.name)
        except CancelledError as cancelled:
            return _facts(cancelled)
        self._boundary(held, step, "intent")
        try:
            done = _guarded(step.do, held, step)
        except LeaseLostError:
            raise
        except ConnectoryError as failure:
            with self._write(held) as work:
                store.end_step(work, held, step.name, StepState.FAILED, failure.message)
            return _facts(failure)
        self._boundary(held, step, "effect")
        self._record(held, step, StepState.DONE, done)
        self._boundary(held, step, "record")
        return None

    def _undo_all(self, held: Operation, recipe: Recipe) -> None:
        with self.works.read() as work:
            states = store.step_states(work, held.id)
        touched = {StepState.DONE, StepState.FAILED, StepState.RUNNING}
        for step in reversed(recipe.steps):
            if states.get(step.name) not in touched:
                continue
            try:
                done = _guarded(step.undo, held, step) if step.undo else Done("nothing to undo")
            except ConnectoryError as failure:
                self._try_undo_later(held, recipe, failure)
                return
            self._boundary(held, step, "undo")
            self._record(held, step, StepState.UNDONE, done)
        self._finish(held, recipe, State.UNDONE, held.error)

    def _try_undo_later(
        self, held: Operation, recipe: Recipe, failure: ConnectoryError
    ) -> None:
        LOG.error("undoing %s: %s", held.id, failure.message, extra={"operation": held.id})
        if held.tries + 1 >= UNDO_TRIES:
            self._finish(held, recipe, State.FAILED, _facts(failure))
            return
        with self._write(held) as work:
            store.release(work, held, pause=timedelta(seconds=2**held.tries))

    def _record(self, held: Operation, step: Step, state: StepState, done: Done) -> None:
        with self._write(held) as work:
            store.end_step(work, held, step.name, state, done.detail)
            if done.record is not None:
                done.record(work)

    def _finish(
        self, held: Operation, recipe: Recipe, state: State, error: Mapping[str, str] | None
    ) -> None:
        is_cancelled = (
            state is State.UNDONE and (error or {}).get("code") == CancelledError.code
        )
        shown = State.CANCELLED if is_cancelled else state
        with self._write(held) as work:
            store.end(work, held, shown, error)
            recipe.finish(work, held, state)
            work.emit(
                OperationFinished(
                    subject=held.label,
                    team=held.team,
                    operation=held.id,
                    kind_of_operation=held.kind,
                    state=shown,
                    error=error["code"] if error else "",
                )
            )
        crash_at(f"{held.kind}.finish", self.crash_point)

    def _boundary(self, held: Operation, step: Step, side: str) -> None:
        crash_at(f"{held.kind}.{step.name}.{side}", self.crash_point)

    def _write(self, held: Operation) -> AbstractContextManager[Work]:
        return self.works.write(Origin(held.by, f"operation {held.id}"))


def _facts(failure: ConnectoryError) -> dict[str, str]:
    return {"code": failure.code, "message": failure.message, "hint": failure.hint}


def _guarded(act: Callable[[Operation], Done], held: Operation, step: Step) -> Done:
    """Run a step's function; a defect in it counts as a failure, so that it is undone."""
    try:
        return act(held)
    except ConnectoryError:
        raise
    except Exception as defect:  # whatever it is, the world must not stay half changed
        LOG.exception("step %s of %s", step.name, held.id, extra={"operation": held.id})
        raise StepDefectError(step.name, type(defect).__name__) from defect
