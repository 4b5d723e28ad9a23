"""A bundle: a folder of Rego files, compiled, and what its rules read and say of themselves."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.manifest import loader
from connectory.manifest.nodes import value_of
from connectory.policy import syntax
from connectory.policy.engine import Engine
from connectory.policy.syntax import Clause

SHIPPED = Path(__file__).with_name("shipped")
MOST_FILES, MOST_BYTES = 200, 1_000_000
FAILURE = re.compile(r"(?:deny|violation)(?:_[a-zA-Z0-9]+)*")
WARNING = re.compile(r"warn(?:_[a-zA-Z0-9]+)*")
KIND = re.compile(r"^(?:deny|violation|warn)_?")
METADATA = re.compile(r"^# METADATA\n((?:#.*\n)+)(?:\s*\n)*(?=(\S+))", re.MULTILINE)
FORBIDDEN = (
    *("http.send", "opa.runtime", "net.lookup_ip_addr", "rego.parse_module", "rego.metadata"),
    *("time.now_ns", "rand.intn", "uuid.rfc4122", "trace", "io.jwt", "crypto"),
)
"""What reaches out of the rules, or answers differently the next time."""


class PolicyRefusedError(ConnectoryError):
    """A folder of policies cannot be used; what was active stays active."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "policy-refused"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            f"the policies cannot be used: {problems[0].message}",
            hint=problems[0].hint,
            problems=problems,
        )


@dataclass(frozen=True, slots=True)
class About:
    """What a rule says of itself in its `# METADATA`."""

    title: str = ""
    reason: str = ""
    fix: str = ""
    controls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """Files that compile, by name; `clauses` are those that say something of connectors."""

    digest: str
    files: Mapping[str, str]
    clauses: tuple[Clause, ...]
    tests: tuple[str, ...]
    exceptions: tuple[str, ...]
    about: Mapping[str, About]

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of all rules that deny or warn, each once."""
        return tuple(dict.fromkeys(one.rule for one in self.clauses))


def is_failure(rule: str) -> bool:
    """Whether what a rule says denies; else it warns."""
    return FAILURE.fullmatch(rule.rpartition(".")[2]) is not None


def read(folder: Path, engine: Engine) -> Bundle:
    """Read every `*.rego` below a folder and compile it.

    Raises:
        PolicyRefusedError: If a file does not compile or uses what is forbidden, or if no
            rule denies.
        PolicyEngineError: If the engine does not survive them.
    """
    files = _files(folder)
    digest = digest_of(canonical_json(files).encode())
    answer = engine.load(digest, files)
    problems = [
        Problem("policy-syntax", f"{one['file']}: {one['message']}", "correct the file")
        for one in answer.get("errors", [])
    ]
    if problems:
        raise PolicyRefusedError(tuple(problems))
    modules = answer["modules"]
    found = syntax.clauses(modules)
    problems += [*_forbidden(modules), *_silent(found)]
    if problems:
        raise PolicyRefusedError(tuple(problems))
    names = sorted({one.rule for one in found})
    return Bundle(
        digest,
        files,
        tuple(one for one in found if _speaks(one.rule)),
        tuple(one for one in names if one.rpartition(".")[2].startswith("test_")),
        tuple(one for one in names if one.endswith(".exception")),
        _about(found, files),
    )


def _files(folder: Path) -> dict[str, str]:
    found = sorted(folder.rglob("*.rego"))[: MOST_FILES + 1]
    try:
        files = {one.relative_to(folder).as_posix(): one.read_text("utf-8") for one in found}
    except (OSError, UnicodeDecodeError) as fault:
        raise _refused("a file cannot be read", "write it as UTF-8") from fault
    if len(files) > MOST_FILES or sum(map(len, files.values())) > MOST_BYTES:
        raise _refused("there are too many files", f"keep {MOST_FILES} files and 1 MB")
    return files


def _refused(message: str, hint: str) -> PolicyRefusedError:
    return PolicyRefusedError((Problem("policy-files", message, hint),))


def _speaks(rule: str) -> bool:
    return is_failure(rule) or WARNING.fullmatch(rule.rpartition(".")[2]) is not None


def _forbidden(modules: list[dict[str, Any]]) -> Iterator[Problem]:
    for file, name in sorted(set(syntax.references(modules))):
        if any(name == one or name.startswith(f"{one}.") for one in FORBIDDEN):
            message = f"{file}: `{name}` is not allowed in policies"
            hint = "judge by the input alone: no network, clock or chance"
            yield Problem("policy-forbidden", message, hint)


def _silent(found: list[Clause]) -> Iterator[Problem]:
    if not any(is_failure(one.rule) for one in found):
        message = "no rule denies anything, so every connector would pass"
        hint = "name a rule `deny` or `violation`; check its spelling"
        yield Problem("policy-empty", message, hint)


def _about(found: list[Clause], files: Mapping[str, str]) -> dict[str, About]:
    """Read the metadata above rules; the first of a name speaks for it."""
    about: dict[str, About] = {}
    for one in found:
        for match in METADATA.finditer(files[one.file]):
            line = files[one.file].count("\n", 0, match.end()) + 1
            if line == one.line:
                about.setdefault(one.rule, _told(match[1]))
    return about


def _told(comment: str) -> About:
    text = "\n".join(line.removeprefix("#")[1:] for line in comment.splitlines())
    try:
        told = cast(
            "dict[str, Any]", value_of(loader.read(text.encode(), file="METADATA").root)
        )
    except ConnectoryError:
        return About()
    custom = _typed(told.get("custom"), dict)
    controls = _typed(custom.get("controls"), list)
    return About(
        str(told.get("title", "")),
        str(told.get("description", "")),
        str(custom.get("fix", "")),
        tuple(str(each) for each in controls),
    )


def _typed(value: object, kind: type) -> Any:  # noqa: ANN401  YAML
    return value if isinstance(value, kind) else kind()


def fixtures(folder: Path) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Read `fixtures/good.json`, and the patches in `fixtures/bad/` that make it bad, by name.

    Raises:
        PolicyRefusedError: If they are not there or are no JSON.
    """
    try:
        good = json.loads((folder / "fixtures/good.json").read_text("utf-8"))
        bad = {
            one.stem: json.loads(one.read_text("utf-8"))
            for one in sorted((folder / "fixtures/bad").glob("*.json"))
        }
    except (OSError, ValueError) as fault:
        raise _refused(
            f"the fixtures cannot be read: {fault}", "add fixtures/good.json"
        ) from None
    return good, bad
