"""How well vulnerable dependencies are found in locks, on a labelled set."""

from pathlib import Path

import pytest

from connectory.checks import dependencies
from connectory.checks.rules import NotRunError
from connectory.checks.subject import Subject, Surroundings, Vetted
from connectory.manifest import loader
from labelled import FINE, assert_found
from labelled_locks import OPEN, VULNERABLE, cases
from osv import advisory, mirror

MANIFEST = b"""\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime: {type: serverless, entrypoint: lead_alerts}
"""
BEFORE = {
    "jinja2": ("3.1.6", "PyPI"),
    "ruamel-yaml": ("0.18.0", "PyPI"),
    "lodash": ("4.17.21", "npm"),
    "@babel/traverse": ("7.23.2", "npm"),
    "golang.org/x/net": ("0.17.0", "Go"),
}
"""Which packages are vulnerable before which version."""
CASES = list(cases())


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Surroundings:
    known = (
        advisory(
            f"T-{name}".replace("/", "-").replace("@", ""),
            name,
            [{"introduced": "0"}, {"fixed": fixed}],
            base,
        )
        for name, (fixed, base) in BEFORE.items()
    )
    return Surroundings(mirror(tmp_path_factory.mktemp("mirror"), *known))


def test_recall_and_precision_on_locks(around: Surroundings, tmp_path: Path) -> None:
    loaded = loader.load(MANIFEST)

    def verdict(given: tuple[str, str]) -> str:
        name, text = given
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, newline="")
        subject = Subject(MANIFEST, "manifest.yaml", "", tmp_path, frozenset([name]))
        vetted = Vetted(subject, loaded, around)
        if dependencies.applies(vetted):
            return FINE
        try:
            codes = {one.problem.code for one in dependencies.run(vetted)}
        except NotRunError:
            return OPEN
        if dependencies.VULNERABLE in codes:
            return VULNERABLE
        return OPEN if codes else FINE

    assert_found(CASES, verdict, number=130)
