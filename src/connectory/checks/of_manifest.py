"""Check `manifest`: it keeps the format, and what its author should look at again."""

from connectory.checks.rules import Finding, Result, State, within
from connectory.checks.subject import Subject
from connectory.kernel.errors import ConnectoryError, Problem
from connectory.manifest import loader
from connectory.manifest.loader import Loaded

ID = "manifest"


def examine(subject: Subject) -> tuple[Loaded | None, Result]:
    """Load the manifest; without it nothing else can be checked."""
    try:
        loaded = loader.load(subject.manifest)
    except ConnectoryError as refused:
        problems = refused.problems or (
            Problem(refused.code, refused.message, refused.hint, refused.field),
        )
        return None, Result(ID, State.FAILED, _found(subject, problems))
    return loaded, Result(ID, State.PASSED, _found(subject, loaded.warnings))


def _found(subject: Subject, problems: tuple[Problem, ...]) -> tuple[Finding, ...]:
    return tuple(within(subject.manifest_file, problems))
