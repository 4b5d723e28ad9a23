"""The engine: one worker process, started when it is needed and again when it died."""

import atexit
import json
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, ClassVar, Protocol

from connectory.gates.companion import Companion, CompanionDiedError
from connectory.gates.process import (
    ProgramMissingError,
    ProgramTimedOutError,
    ProgramTooLoudError,
)
from connectory.kernel.errors import ConnectoryError, Kind

WORKER = Path(__file__).with_name("worker.py")
ENVIRONMENT = {"MIMALLOC_ARENA_RESERVE": "16384"}  # KiB; without it the allocator takes a GiB
UNDEFINED = "<undefined>"
Answer = dict[str, Any]
LOAD_S, EVALUATE_S = 10.0, 5.0  # by the clock; the worker itself counts its own work
DEATHS = {
    3: "gordon-to-regorus is not installed for this Python; name an OPA server or program",
    -signal.SIGABRT: "the rules need more memory than they may have",
    -signal.SIGPROF: "the rules need more time than they may have",
    -signal.SIGSEGV: "the rules call each other without end",
}


class PolicyEngineError(ConnectoryError):
    """The policy engine crashed, took too long or cannot be started: nothing was allowed."""

    kind: ClassVar[Kind] = Kind.UNAVAILABLE
    code: ClassVar[str] = "policy-engine-failed"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"the policy engine gave no answer: {why}",
            hint="try again; if it stays so, try the rules: connectory policy test",
        )


class Answers(Protocol):
    """What rules can be asked of. It keeps nothing that the answer could depend on."""

    @property
    def name(self) -> str:
        """What it is, with its version or place, for records of decisions."""
        ...

    def evaluate(
        self, digest: str, files: Mapping[str, str], given: object, rules: Sequence[str]
    ) -> list[Answer]:
        """Ask rules (`data.package.name`) about an input; return `value` or `error` of each.

        The value of a rule that is undefined is `UNDEFINED`.

        Raises:
            PolicyEngineError: If there is no answer for every rule.
        """
        ...

    def close(self) -> None:
        """End what runs for it."""
        ...


class Engine:
    """Runs bundles. Threads take turns; the worker keeps compiled bundles by digest.

    The worker reads the rules; `other`, if there is one, is asked what they say.
    """

    def __init__(self, evaluate_s: float = EVALUATE_S, other: Answers | None = None) -> None:
        """Start nothing yet."""
        self._evaluate_s = evaluate_s
        self._other = other
        self._companion: Companion | None = None
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """Which engine answers, and its version."""
        return self._other.name if self._other else f"regorus {_version()}"

    def answer_by(self, other: Answers | None) -> None:
        """Ask another engine from now on, or the worker itself."""
        self._other = other

    def load(self, digest: str, files: Mapping[str, str]) -> dict[str, Any]:
        """Compile a bundle; return `modules` (syntax trees) or `errors` (file, message).

        Raises:
            PolicyEngineError: If the worker does not survive that.
        """
        with self._turn:
            return self._ask({"digest": digest, "files": dict(files)}, LOAD_S)

    def evaluate(
        self, digest: str, files: Mapping[str, str], given: object, rules: Sequence[str]
    ) -> list[Answer]:
        """Ask rules (`data.package.name`) about an input; return `value` or `error` of each.

        Raises:
            PolicyEngineError: If the worker does not survive that, or is too slow.
        """
        if self._other is not None:
            return self._other.evaluate(digest, files, given, rules)
        asked = {"digest": digest, "input": json.dumps(given), "rules": list(rules)}
        with self._turn:
            answer = self._ask(asked, self._evaluate_s)
            if "unknown" in answer:
                self._ask({"digest": digest, "files": dict(files)}, LOAD_S)
                answer = self._ask(asked, self._evaluate_s)
        found: list[Answer] = answer.get("answers", [])
        if len(found) != len(rules):
            raise PolicyEngineError("it does not know the bundle")
        return found

    def close(self) -> None:
        """End the worker."""
        if self._other is not None:
            self._other.close()
        if self._companion is not None:
            self._companion.close()
            self._companion = None

    def _ask(self, asked: Mapping[str, object], timeout_s: float) -> dict[str, Any]:
        try:
            if self._companion is None:
                self._companion = _started()
            answer = self._companion.ask(json.dumps(asked).encode(), timeout_s)
            return dict(json.loads(answer))
        except ProgramMissingError as missing:
            raise PolicyEngineError(missing.message) from missing
        except (ProgramTimedOutError, ProgramTooLoudError) as failure:
            self.close()
            raise PolicyEngineError(failure.message) from failure
        except CompanionDiedError as death:
            self._companion = None
            raise PolicyEngineError(DEATHS.get(death.code, str(death))) from death


def _started() -> Companion:
    argv = [sys.executable, "-I", str(WORKER)]
    return Companion(argv, Path(tempfile.gettempdir()), ENVIRONMENT)


@cache
def _version() -> str:
    try:
        return metadata.version("gordon-to-regorus")
    except metadata.PackageNotFoundError:
        return "that is not installed"


@cache
def shared() -> Engine:
    """Return the engine of this process; it ends with the process."""
    engine = Engine()
    atexit.register(engine.close)
    return engine
