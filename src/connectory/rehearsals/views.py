"""The JSON of rehearsals and tries."""

from dataclasses import asdict

from pydantic import BaseModel

from connectory.kernel.clock import rfc3339
from connectory.rehearsals.read import Signed
from connectory.rehearsals.trying import Tried


class ThingView(BaseModel):
    """Something left behind."""

    kind: str
    name: str


class PlayedView(BaseModel):
    """How an example went; `arrived` counts what stand-ins accepted."""

    name: str
    path: str
    status: int
    arrived: int


class CertificateView(BaseModel):
    """A removal certificate. `findings` were left behind, `retained` as the manifest says.

    `signature` is over `connectory removal certificate`, a line feed, and the JSON of all
    fields but `clean`, `signature` and `key`, with sorted keys and no white space: Ed25519 in
    hex, with the key that signs the checkpoints of the audit log. `key` is its public half.
    """

    connector: str
    version: str
    digest: str
    manifest_digest: str
    package_digest: str
    at: str
    by: str
    target: str
    contained: bool
    engine: str
    compared: list[str]
    examples: list[PlayedView]
    retained: list[ThingView]
    findings: list[ThingView]
    clean: bool
    signature: str
    key: str


class RehearsalBegun(BaseModel):
    """The operation that rehearses a version, and the release that it is about."""

    operation: str
    digest: str


class ArrivalView(BaseModel):
    """What a stand-in accepted."""

    standin: str
    content: dict[str, object]


class TryLine(BaseModel):
    """One line that the connector wrote."""

    ts: str
    level: str
    message: str


class TriedView(BaseModel):
    """What went in, what the connector answered (HTTP), what arrived, what it wrote."""

    example: str
    trigger: str
    event: dict[str, object]
    status: int
    output: object
    arrived: list[ArrivalView]
    logs: list[TryLine]
    contained: bool
    seconds: float


def certificate_view(found: Signed, key: str) -> CertificateView:
    """Describe a certificate."""
    certificate = found.certificate
    return CertificateView(
        **asdict(certificate),
        clean=certificate.is_clean,
        signature=found.signature,
        key=key,
    )


def tried_view(tried: Tried) -> TriedView:
    """Describe what came of a try."""
    answered = tried.answered
    return TriedView(
        example=tried.example.name,
        trigger=answered.path,
        event=tried.example.event,
        status=answered.status,
        output=answered.output,
        arrived=[
            ArrivalView(standin=a.standin, content=dict(a.content)) for a in answered.arrived
        ],
        logs=[
            TryLine(ts=rfc3339(one.at), level=one.level, message=one.message)
            for one in tried.logs
        ],
        contained=tried.contained,
        seconds=tried.seconds,
    )
