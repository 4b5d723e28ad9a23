"""The file in which a team declares its instances; `connectory export` writes it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import ConfigDict, Field, ValidationError

from connectory.manifest.errors import ManifestError
from connectory.manifest.faults import Fault, faults_of, placed
from connectory.manifest.loader import read
from connectory.manifest.nodes import value_of
from connectory.manifest.parts import Part
from connectory.manifest.texts import Anything
from connectory.manifest.words import ConnectorRef, Line, Name, SemVer, Slug
from connectory.manifest.writer import written

FILE = "instances.yaml"
MOST_INSTANCES = 1000
MOST_NAMED = 200


class DeclaredInstance(Part):
    """What one instance should be."""

    name: Slug
    """Name of the instance in its team."""
    connector: ConnectorRef
    """The connector, with its namespace: bizops/crm-to-slack-v1."""
    version: SemVer
    """The version that should run."""
    environment: Slug | None = None
    """Environment of the team, which gives the defaults."""
    target: Slug | None = None
    """Where it runs."""
    inputs: dict[Name, Anything] = Field(default_factory=dict, max_length=MOST_NAMED)
    """Settings; those that are not named keep the value that they have."""
    secrets: dict[Name, Line] = Field(default_factory=dict, max_length=MOST_NAMED)
    """Where secrets are, never their values."""


class Declared(Part):
    """The instances of one team."""

    model_config = ConfigDict(title="Connectory instances v1")

    schema_version: Literal["1"] = "1"
    """Version of this format."""
    team: Slug
    """The team."""
    instances: tuple[DeclaredInstance, ...] = Field(default=(), max_length=MOST_INSTANCES)
    """Its instances."""

    def as_yaml(self) -> str:
        """Write the file: what is absent or empty is left out."""
        normal = self.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return written({"schema_version": self.schema_version, **normal}, Declared)


def load(raw: bytes, *, file: str = FILE) -> Declared:
    """Read and check a file of declared instances; `file` is its name in messages.

    Raises:
        ManifestTooLargeError: If it has too many bytes.
        ManifestError: With every problem, if there is any.
    """
    document = read(raw, file=file)
    try:
        declared = Declared.model_validate(value_of(document.root))
    except ValidationError as error:
        found = placed(document.root, faults_of(error, Declared))
        raise ManifestError((*document.problems, *found), file=file) from None
    problems = (*document.problems, *placed(document.root, _twice(declared)))
    if problems:
        raise ManifestError(problems, file=file)
    return declared


def _twice(declared: Declared) -> Iterator[Fault]:
    """Find names that stand for two instances."""
    seen = set()
    for n, one in enumerate(declared.instances):
        if one.name in seen:
            yield Fault(
                ("instances", n, "name"),
                "declared-twice",
                f"{one.name} is declared twice",
                "a name stands for one instance of the team: rename or remove one of them",
            )
        seen.add(one.name)
