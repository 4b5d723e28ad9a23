"""Check `policy`: the rules of the organisation allow the connector."""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from connectory.checks.dockerfile import FILE, bases
from connectory.checks.rules import Finding, NotRunError
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem
from connectory.manifest import loader, nodes
from connectory.policy import bundle, engine
from connectory.policy.bundle import Bundle
from connectory.policy.document import Circumstances, document
from connectory.policy.engine import PolicyEngineError
from connectory.policy.judge import Said, Verdict, judge

UNKNOWN = {Verdict.INCONCLUSIVE, Verdict.BROKEN}


def applies(_vetted: Vetted) -> str:
    """A connector always has a manifest to judge."""
    return ""


def run(vetted: Vetted) -> Iterator[Finding]:
    """Ask every rule. A draft is not held to them yet: it learns what they would say."""
    try:
        rules = compiled(vetted.around.policies)
        given = document(vetted.loaded, Circumstances(), bases=bases_of(vetted))
        decision = judge(rules, given, engine.shared())
    except PolicyEngineError as failure:
        raise NotRunError(failure.message) from failure
    found = tuple(_finding(vetted, one) for one in decision.said)
    if decision.is_allowed:
        yield from found
        return
    unsure = tuple(_softened(one) for one in found)
    if vetted.loaded.manifest.vetting_status == "draft":
        raise NotRunError("a draft; for review it has to become what is said here", unsure)
    if not any(one.verdict is Verdict.DENIES for one in decision.said):
        raise NotRunError("rules could not judge it, so it is not allowed", unsure)
    yield from found


def bases_of(vetted: Vetted) -> list[str]:
    """Return the images that the connector is built on."""
    return bases(vetted.subject.text(FILE))


@lru_cache(maxsize=8)
def compiled(files: tuple[tuple[str, str], ...] | None) -> Bundle:
    """Compile rules, given as names and texts, once; None stands for the shipped ones."""
    if files is None:
        return bundle.read(bundle.SHIPPED, engine.shared())
    return bundle.compiled(dict(files), engine.shared())


def _softened(finding: Finding) -> Finding:
    return replace(finding, problem=replace(finding.problem, severity="warning"))


def _finding(vetted: Vetted, said: Said) -> Finding:
    about = said.about
    controls = f" ({', '.join(about.controls)})" if about.controls else ""
    because = f": {about.reason}" if about.reason else ""
    problem = Problem(
        "policy-unsure" if said.verdict in UNKNOWN else "policy-denied",
        f"{said.message}{because}{controls}",
        said.fix,
        said.path,
        severity="warning" if said.verdict is Verdict.WARNS else "error",
    )
    return Finding(vetted.subject.manifest_file, _placed(vetted, problem))


def _placed(vetted: Vetted, problem: Problem) -> Problem:
    if not problem.path:
        return problem
    root = loader.read(vetted.loaded.raw).root
    place = nodes.locate(root, problem.path.replace("[]", "").split("."), at_key=True)
    return replace(problem, line=place.line, column=place.column)
