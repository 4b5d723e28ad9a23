"""Judging a document by a bundle, as conftest does it, and stricter where that lets slip."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectory.policy import values
from connectory.policy.bundle import About, Bundle
from connectory.policy.engine import Answers
from connectory.policy.names import excepted, is_failure, last
from connectory.policy.reading import Clause


class Verdict(StrEnum):
    """What a rule says of a connector. Only `warns` and silence let it through."""

    DENIES = "denies"
    WARNS = "warns"
    INCONCLUSIVE = "inconclusive"
    """It reads what the document does not have, so its silence means nothing."""
    BROKEN = "broken"
    """It failed, or answered what nobody can read."""


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a rule said. `path` is where in `input` to look, `""` if unknown."""

    verdict: Verdict
    rule: str
    message: str
    about: About
    path: str = ""

    @property
    def fix(self) -> str:
        """What to do about it."""
        if self.verdict is Verdict.INCONCLUSIVE and self.path:
            return f"add {self.path} to the manifest"
        return self.about.fix or "ask whoever keeps the policies of your organisation"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a bundle says of a document."""

    bundle: str
    said: tuple[Said, ...]
    excepted: tuple[str, ...] = ()
    """The rules that an `exception` of the bundle takes back for this document."""

    @property
    def is_allowed(self) -> bool:
        """Whether every rule could judge, and none denies."""
        return all(one.verdict is Verdict.WARNS for one in self.said)


def judge(bundle: Bundle, document: Mapping[str, Any], engine: Answers) -> Decision:
    """Ask every rule of a bundle about a document.

    Raises:
        PolicyEngineError: If the engine crashes or takes too long: nothing is allowed then.
    """
    asked = [*bundle.rules, *bundle.exceptions]
    queries = [f"data.{one}" for one in asked]
    answers = dict(
        zip(asked, engine.evaluate(bundle.digest, bundle.files, document, queries), strict=True)
    )
    spared = {
        rule
        for one in bundle.exceptions
        for names in _listed(answers[one].get("value"))
        for name in _listed(names)
        for rule in bundle.rules
        if excepted(rule) == name and rule.rpartition(".")[0] == one.rpartition(".")[0]
    }
    said: list[Said] = []
    for rule in bundle.rules:
        if rule not in spared:
            said += _answered(bundle, rule, answers[rule])
    said += _inconclusive(bundle, document, spared)
    return Decision(bundle.digest, tuple(said), tuple(sorted(spared)))


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _answered(bundle: Bundle, rule: str, answer: Mapping[str, Any]) -> Iterator[Said]:
    about = bundle.about.get(rule, About())
    verdict = Verdict.DENIES if is_failure(rule) else Verdict.WARNS
    value = answer.get("value")
    if "error" in answer or not isinstance(value, list):
        why = answer.get("error") or f"it answers {str(value)[:60]} and no set of messages"
        yield Said(Verdict.BROKEN, rule, f"the rule {rule} failed: {why}", about)
        return
    for one in value:
        if isinstance(one, str):
            yield Said(verdict, rule, one, about)
        elif isinstance(one, dict) and isinstance(one.get("msg"), str):
            yield Said(verdict, rule, one["msg"], about, str(one.get("field", "")))
        else:
            message = f"the rule {rule} gave something that is no message"
            yield Said(Verdict.BROKEN, rule, message, about)


def _inconclusive(
    bundle: Bundle, document: Mapping[str, Any], spared: set[str]
) -> Iterator[Said]:
    """Name what rules read and the document lacks, once for each rule and path."""
    told: set[tuple[str, str]] = set()
    for clause in bundle.clauses:
        if is_failure(clause.rule) and clause.rule not in spared:
            about = bundle.about.get(clause.rule, About())
            for why, path in _doubts(clause, document):
                if (clause.rule, why) not in told:
                    told.add((clause.rule, why))
                    message = f"{_title(clause, about)} cannot be judged: {why}"
                    yield Said(Verdict.INCONCLUSIVE, clause.rule, message, about, path)


def _doubts(clause: Clause, document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say why the silence of a clause means nothing, and where in the input to look."""
    for why in clause.lost:
        yield f"{why}, so its silence would mean nothing", ""
    lacking = [path for path in clause.reads if values.lacking(document, path)]
    for path in lacking:
        if not any(path != each and path[: len(each)] == each for each in lacking):
            yield f"there is no {values.words(path)}", values.words(path)


def _title(clause: Clause, about: About) -> str:
    return (
        f"`{about.title}`"
        if about.title
        else f"the rule in line {clause.line} of {clause.file}"
    )


def tests(bundle: Bundle, engine: Answers) -> list[str]:
    """Run the `test_` rules of a bundle; return the names of those that do not hold."""
    queries = [f"data.{one}" for one in bundle.tests]
    answers = engine.evaluate(bundle.digest, bundle.files, {}, queries)
    named = zip(bundle.tests, answers, strict=True)
    return [name for name, answer in named if answer.get("value") is not True]


def unproven(
    bundle: Bundle, good: dict[str, Any], bad: Mapping[str, dict[str, Any]], engine: Answers
) -> list[str]:
    """Try the fixtures of a bundle; return in words what does not hold.

    The good document must be allowed. Each bad one is the good one with a patch (RFC 7386), and
    the rule that its name begins with, up to `.`, must deny it; each such rule needs one.
    """
    decision = judge(bundle, good, engine)
    faults = [f"fixtures/good.json is not allowed: {one.message}" for one in decision.said[:5]]
    proven = set()
    for name, patch in bad.items():
        rule = name.partition(".")[0]
        proven.add(rule)
        said = judge(bundle, patched(good, patch), engine).said
        if not any(_is_no(one) and last(one.rule) == rule for one in said):
            faults.append(f"fixtures/bad/{name}.json is not denied by {rule}")
    missing = {last(one) for one in bundle.rules if is_failure(one)} - proven
    return [*faults, *(f"no fixture shows that {one} denies" for one in sorted(missing))]


def _is_no(said: Said) -> bool:
    return said.verdict in {Verdict.DENIES, Verdict.INCONCLUSIVE}


def patched(document: object, patch: object) -> Any:  # noqa: ANN401  JSON
    """Return a document with a JSON merge patch applied (RFC 7386)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(document) if isinstance(document, dict) else {}
    for key, value in patch.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = patched(made.get(key), value)
    return made
