"""A version with signed statements, made without a server."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.attestations import bundle
from connectory.attestations.statement import About, Statement
from connectory.kernel.digest import digest_of

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key()
LABEL = "bizops/crm-to-slack-v1@1.3.0"
MANIFEST_BYTES, PACKAGE_BYTES = b"id: crm-to-slack-v1\n", b"not really a package"
SBOM_BYTES = b'{"bomFormat":"CycloneDX"}'
ABOUT = About(LABEL, *map(digest_of, (MANIFEST_BYTES, PACKAGE_BYTES, SBOM_BYTES)))
AT = "2026-11-24T12:00:00Z"
REVIEW = "rev_1"

Told = tuple[str, dict[str, object]]


def published(status: str = "review") -> Told:
    return "publication", {"status": status}


def decided(role: str, account: str, decision: str = "approve", review: str = REVIEW) -> Told:
    said = {"review": review, "role": role, "account": account, "decision": decision}
    return "decision", said


def carried(role: str, account: str) -> Told:
    _, said = decided(role, account)
    return "carried-sign-off", {**said, "carried_from": "sha256:" + "0" * 64}


def approval(**changed: object) -> Told:
    said = {
        "review": REVIEW,
        "required": ["security", "ops"],
        "authors": ["ana"],
        "sign_offs": [
            {"role": "security", "account": "sam"},
            {"role": "ops", "account": "olu"},
        ],
        "checks": [{"check": "secrets", "state": "passed"}],
        "waivers": [],
    }
    return "approval", {**said, **changed}


def moved(after: str, reason: str = "rev_1: checks passed") -> Told:
    return "status", {"after": after, "reason": reason}


REVIEWED = (published(), decided("security", "sam"), carried("ops", "olu"), approval())
APPROVED = (*REVIEWED, moved("approved"))


def signed(*told: Told, about: About = ABOUT, key: Ed25519PrivateKey = KEY) -> list[object]:
    """Sign one statement after the other."""
    made = []
    for number, (kind, said) in enumerate(told, start=1):
        one = Statement(kind, about, number, {"at": AT, "by": "sam", **said})
        made.append(bundle.sign(one.written(), key))
    return made
