"""Trying a folder of policies before anybody relies on it: its tests and known-bad cases."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connectory.policy import bundle, judge
from connectory.policy.bundle import Bundle, PolicyRefusedError
from connectory.policy.engine import Engine


@dataclass(frozen=True, slots=True)
class Trial:
    """How a folder did: what was tried, and in words what does not hold."""

    bundle: Bundle
    tests: int
    cases: int
    faults: tuple[str, ...]


def run(folder: Path, engine: Engine) -> Trial:
    """Compile the policies in a folder, run its tests, and judge its fixtures.

    Raises:
        PolicyRefusedError: If the policies do not compile, or nothing denies.
        PolicyEngineError: If the engine does not survive them.
    """
    made = bundle.read(folder, engine)
    faults = [f"{one} does not hold" for one in judge.tests(made, engine)]
    if not made.tests:
        faults.append("there are no tests: add rules that begin with test_ in a _test.rego")
    try:
        good, bad = bundle.fixtures(folder)
    except PolicyRefusedError as refused:
        return Trial(made, len(made.tests), 0, (*faults, refused.message))
    faults += judge.unproven(made, good, bad, engine)
    return Trial(made, len(made.tests), len(bad), tuple(faults))


def texts(folder: Path) -> dict[str, str]:
    """Return the files of a folder that `run` looks at, by name; they have been read once."""
    cases = folder / "fixtures"
    found = (*folder.rglob("*.rego"), *cases.glob("good.json"), *cases.glob("bad/*.json"))
    return {one.relative_to(folder).as_posix(): one.read_text("utf-8") for one in sorted(found)}


def write(files: Mapping[str, str], folder: Path) -> None:
    """Lay out what `texts` returned in an empty folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
