"""What a statement says: about which bytes, of which kind, and what happened to them.

It is an in-toto Statement, version 1. Pure.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectory.attestations.errors import AttestationMismatchError
from connectory.kernel.digest import canonical_json, digest_of, is_digest

TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://connectory.dev/attestations/{}/v1"
KIND = re.compile(re.escape(PREDICATE).replace(re.escape("{}"), "([a-z-]+)"), re.ASCII)
MANIFEST, PACKAGE, SBOM = "manifest.yaml", "package.tar.gz", "sbom.cdx.json"
"""How the files of a version are called, in statements and where they are saved."""


@dataclass(frozen=True, slots=True)
class About:
    """Which version a statement is about: its label, and the digests of its bytes.

    `sbom` is that of its bill of materials, which is made some moments after a publication.
    """

    label: str  # `bizops/crm-to-slack-v1@1.3.0`
    manifest: str
    package: str | None
    sbom: str | None = None

    @property
    def release(self) -> str:
        """The digest that stands for manifest and package: what approvals are bound to."""
        pair = {"manifest": self.manifest, "package": self.package}
        return digest_of(canonical_json(pair).encode())

    def subjects(self) -> list[dict[str, object]]:
        """Write it as subjects of a statement."""
        named = {self.label: self.release, MANIFEST: self.manifest}
        if self.package is not None:
            named[PACKAGE] = self.package
        if self.sbom is not None:
            named[SBOM] = self.sbom
        return [
            {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}
            for name, digest in named.items()
        ]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement; `number` counts those about a version, from 1 and without gaps."""

    kind: str  # `decision`
    about: About
    number: int
    predicate: Mapping[str, object]

    def written(self) -> bytes:
        """Return the bytes to sign."""
        document = {
            "_type": TYPE,
            "subject": self.about.subjects(),
            "predicateType": PREDICATE.format(self.kind),
            "predicate": {**self.predicate, "number": self.number},
        }
        return canonical_json(document).encode()


def read(payload: bytes) -> Statement:
    """Read a statement whose signature was verified.

    Raises:
        AttestationMismatchError: If it is not one that `Statement.written` makes.
    """
    try:
        document = json.loads(payload)
        predicate = dict(document["predicate"])
        kind = KIND.fullmatch(document["predicateType"])
        about = _about(document["subject"])
        number = int(predicate.pop("number"))
    except (ValueError, KeyError, TypeError):
        raise AttestationMismatchError("a signed statement cannot be read") from None
    if document["_type"] != TYPE or kind is None or document["subject"] != about.subjects():
        raise AttestationMismatchError("a signed statement is not about a version")
    return Statement(kind[1], about, number, predicate)


def _about(subjects: list[dict[str, dict[str, str]]]) -> About:
    named = {str(one["name"]): f"sha256:{one['digest']['sha256']}" for one in subjects}
    if not all(is_digest(digest) for digest in named.values()):
        raise ValueError
    [label] = named.keys() - {MANIFEST, PACKAGE, SBOM}
    return About(label, named[MANIFEST], named.get(PACKAGE), named.get(SBOM))
