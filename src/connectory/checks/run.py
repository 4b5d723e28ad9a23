"""Running the checks on a connector."""

import importlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace

from connectory.checks import of_manifest
from connectory.checks.rules import NotRunError, Result, State
from connectory.checks.subject import Subject, Surroundings, Vetted
from connectory.checks.table import CHECKS, Check
from connectory.manifest.model import Manifest

LOG = logging.getLogger("connectory.checks")
SCANNERS = "connectory.checks.scanners.table"
MOST_FINDINGS = 200  # of one check; nobody reads more


@dataclass(frozen=True, slots=True)
class Report:
    """What all checks say; `manifest` is None if it breaks the format."""

    manifest: Manifest | None
    results: tuple[Result, ...]

    @property
    def failed(self) -> tuple[Result, ...]:
        """The checks that say no."""
        return tuple(one for one in self.results if one.state is State.FAILED)

    @property
    def not_run(self) -> tuple[Result, ...]:
        """The checks that say nothing because they could not look."""
        return tuple(one for one in self.results if one.state is State.NOT_RUN)


def run_all(
    subject: Subject, checks: Iterable[Check] = CHECKS, around: Surroundings | None = None
) -> Report:
    """Run every check; one that breaks down says so and stops no other."""
    around = around or Surroundings()
    scanners = _scanners(around)
    loaded, first = of_manifest.examine(subject)
    if loaded is None:
        reason = "the manifest breaks the format"
        silent = (Result(one.id, State.NOT_RUN, (), reason) for one in (*checks, *scanners))
        return Report(None, (first, *silent))
    vetted = Vetted(subject, loaded, around)
    results = [first, *(run_one(check, vetted) for check in checks)]
    for scanner in scanners:
        told = tuple(finding for one in results for finding in one.findings)
        results.append(run_one(scanner, replace(vetted, told=told)))
    return Report(loaded.manifest, tuple(results))


def _scanners(around: Surroundings) -> list[Check]:
    """Return the checks of those scanners that are set up; without any, nothing is loaded."""
    if not around.scanners:
        return []
    known: tuple[Check, ...] = importlib.import_module(SCANNERS).SCANNERS
    return [one for one in known if one.id in around.scanners]


def run_one(check: Check, vetted: Vetted) -> Result:
    """Run one check. What it could not do is never taken for good news."""
    reason = check.applies(vetted)
    if reason:
        return Result(check.id, State.NOT_APPLICABLE, (), reason)
    try:
        found = tuple(check.run(vetted))
    except NotRunError as told:
        return Result(check.id, State.NOT_RUN, told.findings[:MOST_FINDINGS], str(told))
    except Exception as error:  # whatever it is, the check did not look: that is not `passed`
        LOG.exception("the check %s broke down", check.id)
        return Result(check.id, State.NOT_RUN, (), f"it broke down: {type(error).__name__}")
    worst = sorted(found, key=lambda one: not one.is_error)[:MOST_FINDINGS]
    state = State.FAILED if any(one.is_error for one in found) else State.PASSED
    return Result(check.id, state, tuple(worst))
