"""connectory verify: the bytes of a version, who signed it off, and that it was approved."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from connectory.attestations import bundle
from connectory.attestations import verify as verifying
from connectory.attestations.errors import AttestationMismatchError
from connectory.attestations.statement import MANIFEST, PACKAGE, SBOM, About
from connectory.attestations.verify import Approved
from connectory.cli import known
from connectory.cli.pieces import GOOD, WARN, bold, dim, one_line
from connectory.cli.pinned_keys import PinnedKeys
from connectory.cli.session import Session
from connectory.cli.verbs import Verb
from connectory.client.catalog import Reference
from connectory.kernel.digest import digest_of
from connectory.kernel.errors import ConnectoryError, Kind

STATEMENTS, KEY = "attestations.jsonl", "key.pem"
SHORT = 23  # characters of a digest


class KeyUnknownError(ConnectoryError):
    """Saved statements name a key that this machine has not seen."""

    kind: ClassVar[Kind] = Kind.FAILED
    code: ClassVar[str] = "key-unknown"

    def __init__(self, key_id: str) -> None:
        super().__init__(
            f"the key {key_id[:16]}… is not known here",
            hint="name it: --key FILE, or verify one version of its server by name first",
        )


class NeedsServerError(ConnectoryError):
    """A version by name can only be verified with its server, or from what was saved of it."""

    kind: ClassVar[Kind] = Kind.USAGE
    code: ClassVar[str] = "needs-server"

    def __init__(self, target: str) -> None:
        super().__init__(
            f"there is no file or folder {target}, and --offline asks no server",
            hint=f"save it first: connectory verify {target} --save DIR",
        )


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything about a version that is looked at; `label` is empty if any will do."""

    label: str
    manifest: bytes
    package: bytes | None
    sbom: bytes | None
    bundles: Sequence[object]

    @property
    def about(self) -> About:
        """The digests of the bytes, computed here."""
        package, sbom = (
            None if content is None else digest_of(content)
            for content in (self.package, self.sbom)
        )
        return About(self.label, digest_of(self.manifest), package, sbom)


@click.command(cls=Verb)
@click.argument("target", metavar="ID[@VERSION] | PATH", shell_complete=known.connectors)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The server's public key in PEM.  [default: the one seen first]",
)
@click.option("--offline", is_flag=True, help="Ask no server whether PATH is still approved.")
@click.option(
    "--save",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save what was verified in this folder.",
)
@click.pass_obj
def verify(
    session: Session, target: str, *, key: Path | None, offline: bool, save: Path | None
) -> None:
    r"""Verify that a version has the bytes that were approved, and who signed for that.

    Fetches the version with all its signed statements, or reads PATH, which is what --save has
    saved. Exits 1, naming what does not fit, if a bit of manifest, package, bill of materials
    or any decision differs, if a statement or a sign-off is missing, or if the version is not
    approved.

    The key of a server is kept when it is seen first; another one later is refused.

    \b
    Example:
        connectory verify crm-to-slack-v1@1.3.0 --save evidence
        connectory verify evidence --offline
    """
    given = bundle.read_key(key.read_text(encoding="utf-8")) if key else None
    if Path(target).exists():
        evidence = _saved(Path(target))
        trusted = given or _kept_key(session, evidence)
    elif offline:
        raise NeedsServerError(target)
    else:
        evidence, trusted = _fetched(session, Reference.parse(target), given)
    approved = verifying.verify(evidence.about, evidence.bundles, trusted)
    if not offline and not evidence.label:
        evidence = _newer(session, approved.version, evidence)
        approved = verifying.verify(evidence.about, evidence.bundles, trusted)
    if save:
        _save(save, evidence, trusted)
    _show(session, evidence, approved, trusted)


def _fetched(
    session: Session, reference: Reference, given: Ed25519PublicKey | None
) -> tuple[Evidence, Ed25519PublicKey]:
    version = session.client.catalog.exactly(reference)
    server = session.client.attestations
    listed = server.list(version)
    evidence = Evidence(
        f"{version.name}@{version.version}",
        server.manifest(version),
        server.package(version) if listed["package_digest"] else None,
        server.sbom(version) if listed["sbom_digest"] else None,
        listed["items"],
    )
    return evidence, given or _first_seen(session, listed["key"]["pem"])


def _first_seen(session: Session, shown: str) -> Ed25519PublicKey:
    key = bundle.read_key(shown)
    if PinnedKeys(session.environment.config).keep(session.url, bundle.pem(key)):
        session.out.say(dim(f"Kept the key {bundle.key_id(key)[:16]}… of {session.url}"))
    return key


def _saved(path: Path) -> Evidence:
    folder = path if path.is_dir() else path.parent
    try:
        lines = (folder / STATEMENTS if path.is_dir() else path).read_bytes().splitlines()
        return Evidence(
            "",
            (folder / MANIFEST).read_bytes(),
            _content(folder / PACKAGE),
            _content(folder / SBOM),
            [json.loads(line) for line in lines],
        )
    except FileNotFoundError as missing:
        raise AttestationMismatchError(f"{missing.filename} is missing") from None
    except (ValueError, RecursionError):
        what = f"the decisions in {path} cannot be read: it is not one JSON object a line"
        raise AttestationMismatchError(what) from None


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _kept_key(session: Session, evidence: Evidence) -> Ed25519PublicKey:
    """Return the kept key that any of the statements names."""
    pinned = PinnedKeys(session.environment.config)
    named = [bundle.signer_of(one) for one in evidence.bundles]
    kept = next(filter(None, map(pinned.named, named)), None)
    if kept is None:
        raise KeyUnknownError(next(iter(named), ""))
    return bundle.read_key(kept)


def _newer(session: Session, version: str, saved: Evidence) -> Evidence:
    """Take what the server has signed by now, maybe a veto, in place of what was saved."""
    listed = session.client.attestations.list(Reference.parse(version))
    return replace(saved, label=version, bundles=listed["items"])


def _save(folder: Path, evidence: Evidence, key: Ed25519PublicKey) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).write_bytes(evidence.manifest)
    for name, content in ((PACKAGE, evidence.package), (SBOM, evidence.sbom)):
        if content is not None:
            (folder / name).write_bytes(content)
    lines = "".join(f"{json.dumps(one)}\n" for one in evidence.bundles)
    (folder / STATEMENTS).write_text(lines, encoding="utf-8")
    (folder / KEY).write_text(bundle.pem(key), encoding="utf-8")


def _show(session: Session, evidence: Evidence, found: Approved, key: Ed25519PublicKey) -> None:
    about, out = evidence.about, session.out
    if out.as_json:
        out.document(
            {
                "verified": True,
                "digest": about.release,
                "manifest_digest": about.manifest,
                "package_digest": about.package,
                "sbom_digest": about.sbom,
                "statements": len(evidence.bundles),
                "key": bundle.key_id(key),
                **asdict(found),
            }
        )
        return
    signer = f"  by the key {bundle.key_id(key)[:16]}…"
    out.show(GOOD, f" {len(evidence.bundles)} signed statements", dim(signer))
    for name, digest in (
        (MANIFEST, about.manifest),
        (PACKAGE, about.package),
        (SBOM, found.sbom),
    ):
        if digest:
            out.show(GOOD, f" {name}", dim(f"  {digest[:SHORT]}…"))
    if about.sbom and not found.sbom:
        out.show(WARN, f" {SBOM} is named by no signed statement")
    _show_approval(session, found)
    out.show(GOOD, " ", bold(found.version), f" is {found.status}")


def _show_approval(session: Session, found: Approved) -> None:
    out = session.out
    if not found.review:
        said = f" approved by {found.by} alone, without sign-offs: {found.reason}"
        out.show(WARN, one_line(said))
    for one in found.sign_offs:
        earlier = f"  of {one.carried_from[:SHORT]}…" if one.carried_from else ""
        out.show(GOOD, one_line(f" {one.role}: {one.account}"), dim(earlier))
    for waived in found.waived:
        said = f" `{waived.check}` was waived until {waived.expires_at}: {waived.reason}"
        out.show(WARN, one_line(said))
