"""How well versions are compared with advisories, on a set labelled by their ecosystems."""

import pytest

from connectory.advisories.mirror import Mirror
from connectory.advisories.rules import Package
from labelled import FINE, assert_found
from labelled_versions import OPEN, RELEASES, VULNERABLE, cases
from osv import advisory, mirror

CASES = cases()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Mirror:
    """A mirror with an advisory for each case, about a package of its own."""
    known = (
        advisory(
            f"T-{number}",
            f"package-{number}",
            events,
            RELEASES.get(ecosystem.partition(":")[0], ecosystem),
        )
        for number, (ecosystem, events, _) in enumerate(one.given for one in CASES)
    )
    path = mirror(tmp_path_factory.mktemp("versions"), *known)
    with Mirror.open(path) as found:
        yield found


def test_recall_and_precision_on_versions(opened: Mirror) -> None:
    numbers = {id(case.given): number for number, case in enumerate(CASES)}

    def verdict(given: tuple[str, list[dict[str, str]], str]) -> str:
        ecosystem, _, version = given
        package = Package(ecosystem, f"package-{numbers[id(given)]}", version)
        found = [one.is_clear for one in opened.matches(package)]
        return {(): FINE, (True,): VULNERABLE, (False,): OPEN}[tuple(found)]

    assert_found(CASES, verdict, number=75)
