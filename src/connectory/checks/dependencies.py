"""Check `dependencies`: nothing that the package brings along is known to be vulnerable."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from connectory.advisories.mirror import Mirror, MirrorUnusableError
from connectory.advisories.rules import Match
from connectory.checks.brought import Brought, brought, names_packages
from connectory.checks.rules import Finding, NotRunError
from connectory.checks.subject import Vetted
from connectory.kernel import clock
from connectory.kernel.errors import Problem

REFRESH = "get all.zip of each ecosystem of OSV, then run `connectory scan import`"
VULNERABLE = "dependency-vulnerable"
SHOWN = 120  # characters of a summary
NOWHERE = {"Terraform"}
"""Of what OSV has no advisories at all, so that nobody can import them."""


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    return "" if names_packages(vetted.subject) else "it names no dependencies"


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find packages that advisories concern, and those of which that cannot be said."""
    if vetted.around.advisories is None:
        raise NotRunError(f"there is no mirror of advisories; {REFRESH}")
    everything = brought(vetted.subject)
    with ExitStack() as opened:
        try:
            mirror = _fresh(vetted.around.advisories, opened)
            found = list(_looked_up(everything, mirror, vetted))
            known = mirror.about().ecosystems
        except MirrorUnusableError as unusable:
            raise NotRunError(f"{unusable}; {REFRESH}") from None
    unknown = {one.package.base for one in everything} - set(known)
    lacking = ", ".join(sorted(unknown - NOWHERE))
    if lacking and not any(one.is_error for one in found):
        raise NotRunError(f"there are no advisories for {lacking}; {REFRESH}", tuple(found))
    yield from found
    for ecosystem in sorted(unknown):
        one = next(one for one in everything if one.package.base == ecosystem)
        yield Finding(vetted.subject.named(one.file), _unmatched(ecosystem))


def _fresh(path: Path, opened: ExitStack) -> Mirror:
    if not path.exists():
        raise NotRunError(f"there is no mirror of advisories; {REFRESH}")
    mirror = opened.enter_context(Mirror.open(path))
    about = mirror.about()
    if about.is_stale(clock.now()):
        raise NotRunError(f"the advisories end on {about.newest:%Y-%m-%d}; {REFRESH}")
    return mirror


def _looked_up(
    everything: Sequence[Brought], mirror: Mirror, vetted: Vetted
) -> Iterator[Finding]:
    for one in everything:
        for match in mirror.matches(one.package):
            problem = _vulnerable(one, match) if match.is_clear else _unclear(one, match)
            about = f"{match.id} {one.package.name} {one.package.version}"
            yield Finding(vetted.subject.named(one.file), problem, about, match.aliases)


def _vulnerable(one: Brought, match: Match) -> Problem:
    package = one.package
    cves = [alias for alias in match.aliases if alias.startswith("CVE-")]
    names = ", ".join([match.id, *cves[:3]])
    level = f"{match.severity} severity" if match.severity else "severity not stated"
    summary = f": {match.summary[:SHOWN]}" if match.summary else ""
    fixed = " or ".join(match.fixed[:5])
    return Problem(
        VULNERABLE,
        f"{package.name} {package.version} is concerned by {names} ({level}){summary}",
        f"use {package.name} {fixed} or newer"
        if fixed
        else f"nobody has repaired it: replace {package.name}, or ask security for a waiver",
    )


def _unclear(one: Brought, match: Match) -> Problem:
    package = one.package
    return Problem(
        "dependency-unclear",
        f"nobody can say whether {match.id} concerns {package.name} {package.version}",
        "read the advisory; then pin a version in the form of its ecosystem",
    )


def _unmatched(ecosystem: str) -> Problem:
    return Problem(
        "dependencies-not-matched",
        f"there are no advisories for {ecosystem}, so these dependencies were not looked up",
        f"import those of {ecosystem} if OSV has any, else follow their publishers",
        severity="warning",
    )
