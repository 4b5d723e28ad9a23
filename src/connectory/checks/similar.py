"""Check `similar`: nobody else has made the same connector already.

Only a marketplace knows other connectors, so on a laptop there is nothing to compare with:
`connectory similar PATH` asks one.
"""

from collections.abc import Iterator

from connectory.checks.rules import Finding
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem

DUPLICATE = 0.6
"""From how alike two connectors are on, one of them may be too many."""


def applies(vetted: Vetted) -> str:
    """Say why there is nothing to check, if there is not."""
    return (
        "" if vetted.around.alike is not None else "only a marketplace knows other connectors"
    )


def run(vetted: Vetted) -> Iterator[Finding]:
    """Find connectors that do much the same; their users would have to choose blindly."""
    subject = vetted.subject
    for one in vetted.around.alike(vetted.loaded.manifest) if vetted.around.alike else ():
        if one.score >= DUPLICATE:
            problem = Problem(
                "connector-duplicate",
                f"{one.key} does much the same ({one.score:.2f}): {'; '.join(one.reasons)}",
                "adopt it, fork it, or say why both are needed: `POST …/similar:decide`",
                severity="warning",
            )
            yield Finding(subject.manifest_file, problem, one.key)
