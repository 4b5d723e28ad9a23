"""The `opa` program: one run for each question, with the rules in a folder of their own."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from connectory.backends.policy import picked
from connectory.gates import process
from connectory.kernel.errors import ConnectoryError
from connectory.policy.engine import Answer, PolicyEngineError

SECONDS = 5.0
OLD_SYNTAX = "--v0-compatible"


class OpaProgram:
    """Asks a program; it inherits nothing and is killed when it takes too long."""

    def __init__(self, program: Path) -> None:
        """Note which program; nothing is run yet."""
        self._program = program

    @property
    def name(self) -> str:
        """What it is, for people and for records of decisions."""
        return f"OPA program {self._program}"

    def evaluate(
        self,
        digest: str,  # noqa: ARG002  each run gets the files themselves
        files: Mapping[str, str],
        given: object,
        rules: Sequence[str],
    ) -> list[Answer]:
        """Ask rules about an input; files that are no Rego v1 are tried as v0.

        Raises:
            PolicyEngineError: If it is not there, takes too long, or a rule fails.
        """
        with tempfile.TemporaryDirectory(prefix="connectory-opa-") as folder:
            for number, text in enumerate(files.values()):
                (Path(folder) / f"{number}.rego").write_text(text, "utf-8")
            answer = self._run(Path(folder), given, ())
            if _is_old(answer):
                answer = self._run(Path(folder), given, (OLD_SYNTAX,))
        result = answer.get("result")
        if "errors" in answer or not result:
            raise PolicyEngineError(f"{self.name}: {_why(answer)}")
        return picked(result[0]["expressions"][0]["value"], rules)

    def close(self) -> None:
        """Nothing stays."""

    def _run(self, folder: Path, given: object, flags: Sequence[str]) -> dict[str, Any]:
        argv = [
            str(self._program),
            "eval",
            *("--format", "json", "--stdin-input", "--strict-builtin-errors"),
            *("--data", str(folder), *flags, "data"),
        ]
        home, asked = {"HOME": str(folder)}, json.dumps(given).encode()
        try:
            ended = process.run(
                argv, cwd=folder, environment=home, timeout_s=SECONDS, input=asked
            )
        except ConnectoryError as failure:
            raise PolicyEngineError(failure.message) from failure
        try:
            return dict(json.loads(ended.stdout))
        except ValueError:
            raise PolicyEngineError(f"{self.name} ended with {ended.returncode}") from None


def _is_old(answer: Mapping[str, Any]) -> bool:
    return any(one.get("code") == "rego_parse_error" for one in answer.get("errors", ()))


def _why(answer: Mapping[str, Any]) -> str:
    messages = [str(one.get("message", "")) for one in answer.get("errors", ())]
    return messages[0][:300] if messages else "it has no answer"
