"""A bundle: a folder of Rego files, compiled, and what its rules read and say of themselves."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

from connectory.kernel.digest import canonical_json, digest_of
from connectory.kernel.errors import ConnectoryError, Kind, Problem
from connectory.manifest import loader
from connectory.manifest.nodes import value_of
from connectory.policy import syntax, trust
from connectory.policy.engine import Engine
from connectory.policy.names import is_exception, is_heard, is_test
from connectory.policy.reading import Clause, Reader
from connectory.policy.syntax import Tree

SHIPPED = Path(__file__).with_name("shipped")
MOST_FILES, MOST_BYTES = 200, 1_000_000
METADATA = re.compile(r"^# METADATA\n((?:#.*\n)+)(?:\s*\n)*(?=(\S+))", re.MULTILINE)


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


def read(folder: Path, engine: Engine) -> Bundle:
    """Read every `*.rego` below a folder and compile it.

    Raises:
        PolicyRefusedError: If a file does not compile or uses what is forbidden, or if no
            rule denies.
        PolicyEngineError: If the engine does not survive them.
    """
    return compiled(_files(folder), engine)


def compiled(files: Mapping[str, str], engine: Engine) -> Bundle:
    """Compile files, by name, and read what their rules read.

    Raises:
        PolicyRefusedError: As `read` does.
        PolicyEngineError: As `read` does.
    """
    digest = digest_of(canonical_json(files).encode())
    answer = engine.load(digest, files)
    _refuse(
        Problem("policy-syntax", f"{one['file']}: {one['message']}", "correct the file")
        for one in answer.get("errors", [])
    )
    try:
        return _understood(digest, files, answer["modules"])
    except RecursionError:
        raise _refused("an expression is nested too deeply", "take it apart") from None


def _understood(digest: str, files: Mapping[str, str], modules: list[Tree]) -> Bundle:
    program = syntax.program(modules)
    _refuse(trust.doubts(modules, program))
    reader, names = Reader(program), sorted(program.rules)
    clauses = tuple(
        reader.clause(rule)
        for name in names
        for rule in program.rules[name]
        if is_heard(name) or is_exception(name)
    )
    _refuse(trust.recursion(reader.recursive))
    heard = tuple(one for one in clauses if is_heard(one.rule))
    return Bundle(
        digest,
        files,
        heard,
        tuple(filter(is_test, names)),
        tuple(filter(is_exception, names)),
        _about(heard, files),
    )


def _refuse(problems: Iterable[Problem]) -> None:
    found = tuple(problems)
    if found:
        raise PolicyRefusedError(found)


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


def _about(found: Iterable[Clause], files: Mapping[str, str]) -> dict[str, About]:
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
