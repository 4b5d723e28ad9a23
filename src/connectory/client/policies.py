"""The policies of a marketplace: bundles, verdicts, and what others would change."""

from dataclasses import dataclass
from typing import TypedDict

from connectory.client.transport import Transport, path_of


class Rule(TypedDict):
    """A rule in words; one that does not deny warns."""

    rule: str
    denies: bool
    title: str
    reason: str
    fix: str
    controls: list[str]


class Rules(TypedDict):
    """The rules in force."""

    bundle: str
    is_shipped: bool
    activated_by: str
    activated_at: str | None
    items: list[Rule]


class Bundle(TypedDict):
    """A bundle of policies."""

    digest: str
    rules: int
    is_active: bool
    is_shipped: bool


class Said(TypedDict):
    """One thing that a rule said."""

    verdict: str
    title: str
    message: str
    path: str


class Verdict(TypedDict):
    """What a bundle says of an input."""

    bundle: str
    allowed: bool
    said: list[Said]
    input: dict[str, object]


class Changed(TypedDict):
    """A version or an instance that is judged otherwise."""

    change: str
    kind: str
    name: str
    team: str
    said: list[Said]


class Team(TypedDict):
    """How many things change for a team."""

    team: str
    newly_denied: int
    newly_allowed: int
    inconclusive: int


class Impact(TypedDict):
    """What proposed policies would change."""

    former: str
    proposed: str
    judged: int
    left_out: int
    teams: list[Team]
    items: list[Changed]


class Decision(TypedDict):
    """What was decided about a version, and from what."""

    id: str
    connector: str
    version: str
    allowed: bool
    bundle: str
    input_digest: str
    engine: str
    decided_at: str
    input: dict[str, object]


class Replayed(TypedDict):
    """A decision that was made again."""

    same: bool
    allowed: bool
    engine: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Policies:
    """The routes under /policies. Every method raises what `Transport.send` raises."""

    http: Transport

    def show(self) -> Rules:
        """Tell the rules in force."""
        return self.http.get(Rules, "/policies")

    def upload(self, packed: bytes) -> Bundle:
        """Keep a folder of policies, packed as `.tar.gz`."""
        return self.http.packed(Bundle, "/policies/bundles", packed)

    def activate(self, digest: str) -> Rules:
        """Judge by a bundle from now on."""
        path = f"{path_of('policies', 'bundles', digest)}:activate"
        return self.http.send(Rules, "POST", path)

    def evaluate(self, **question: str) -> Verdict:
        """Say what the rules say of a version or a manifest."""
        return self.http.send(Verdict, "POST", "/policies:evaluate", body=question)

    def replay(self, decision: str) -> Replayed:
        """Make a decision again, by its own rules and of its own input."""
        return self.http.send(Replayed, "POST", f"{path_of('decisions', decision)}:replay")

    def impact(self, packed: bytes) -> Impact:
        """Say what a folder of policies, packed as `.tar.gz`, would change."""
        return self.http.packed(Impact, "/policies:impact", packed)
