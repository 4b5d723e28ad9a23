"""What a lock says of one package, in whatever form its tool writes it."""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectory.advisories.rules import Package
from connectory.checks.rules import NotRunError
from connectory.kernel import strict_json
from connectory.kernel.strict_json import JsonRefusedError

ALGORITHMS = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}
HEX = re.compile(r"(sha1|sha256|sha384|sha512):([0-9a-f]{40,128})")
INTEGRITY = re.compile(r"(sha1|sha256|sha384|sha512)-([A-Za-z0-9+/]+={0,2})")

Hash = tuple[str, str]
"""An algorithm as CycloneDX names it, and hex digits."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A package, and what else the lock knows of it.

    `hashes` are those of the files that the lock takes for it; `needs` are the packages of its
    ecosystem that it needs, as name and version, which is empty where the lock leaves it out.
    """

    package: Package
    hashes: tuple[Hash, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    licence: str = ""

    def joined(self, other: "Entry") -> "Entry":
        """Return what two files say of the same package."""
        return Entry(
            self.package,
            tuple(dict.fromkeys((*self.hashes, *other.hashes))),
            tuple(dict.fromkeys((*self.needs, *other.needs))),
            self.licence or other.licence,
        )


def hashes(text: str) -> tuple[Hash, ...]:
    """Return the digests that a text names as `sha256:` and hex digits."""
    return tuple((ALGORITHMS[name], digits) for name, digits in HEX.findall(text))


def integrity(text: object) -> tuple[Hash, ...]:
    """Return the digests of `sha512-…` in base64, as npm and its kin write them."""
    return tuple(_decoded(text)) if isinstance(text, str) else ()


def _decoded(text: str) -> Iterator[Hash]:
    for name, digits in INTEGRITY.findall(text):
        try:
            yield ALGORITHMS[name], base64.b64decode(digits, validate=True).hex()
        except binascii.Error:
            continue


def members(found: object) -> dict[str, object]:
    """Return a part of a lock that should be an object; nothing is in it if it is none."""
    return found if isinstance(found, dict) else {}


def json_of(raw: bytes, name: str) -> dict[str, object]:
    """Return a file that is one JSON object.

    Raises:
        NotRunError: If it is something else.
    """
    try:
        found = strict_json.read(raw)
    except JsonRefusedError as refused:
        raise NotRunError(f"{name}: {refused.message}") from None
    if not isinstance(found, dict):
        raise NotRunError(f"{name} is no JSON object")
    return found
