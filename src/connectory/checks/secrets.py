"""Check `secrets`: no credential is in the manifest or in a file of the package.

Three nets: the forms that issuers give their credentials, passwords in addresses, and values
that are called secret and look random. What is found is named, never repeated.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator

from connectory.checks.rules import Finding
from connectory.checks.secret_formats import MARKED
from connectory.checks.subject import Vetted
from connectory.kernel.errors import Problem
from connectory.scaffold.layout import MANIFEST

MOST_BYTES = 1_000_000  # of a file that is looked through
SNIFFED = 8_000  # bytes in which a NUL tells that a file is no text
IGNORED = (".whl", ".png", ".jpg", ".gz", ".pyc", ".lock", "package-lock.json", "go.sum")
CODE = (".py", ".js", ".mjs", ".ts", ".go", ".java", ".rb", ".rs", ".cs", ".php", ".kt", ".tf")
"""Files in which a value without quotes is a name of something else."""
HINT = "replace it where it was issued, declare it under `secrets:` and read it with `secret()`"

IN_ADDRESS = re.compile(r"://[^\s/:@\"'<>]*:([^\s/@\"'<>]{4,200})@")
ASSIGNED = re.compile(
    r"""(?ix)
    (?:api_?-?key|secret|token|passw(?:or)?d|passphrase|pwd|credential|access_?-?key
      |auth_?-?key|private_?-?key|signing_?-?key|encryption_?-?key|account_?-?key)
    (?P<tail>[a-z0-9_.-]{0,24})
    ["']?\s{0,4}(?::=|=>|:|=)\s{0,4}
    (?:(?P<quote>["'])(?P<quoted>[^"'\s]{6,200})(?P=quote)
      |(?P<bare>[^\s"',;(){}\[\]<>$%&|]{8,200})(?=\s|$))
    """
)
WORDS_FIRST = (
    *("api", "secret", "token", "passw", "passphrase", "pwd", "credential", "access"),
    *("auth", "private", "signing", "encryption", "account"),
)
"""How the words begin that `ASSIGNED` looks for."""
NAMES_A_PLACE = re.compile(
    r"(?i)(?:name|path|url|uri|file|ref|env|type|id|field|header|length|ttl|expir\w*|scopes?"
    r"|count|size|method|store|manager|policy|rotation|provider|prefix|pattern|format|hint)$"
)
"""Endings of names that say something about a secret and hold none."""
STANDS_FOR = re.compile(
    r"(?i)example|sample|dummy|change_?-?me|placeholder|your_?-?|replace|todo|xxxx|redacted"
    r"|insert|fake|mock|notreal|not-a-|environ|getenv|\*\*\*|\.\.\.|…"
)
"""Words in values that people write where a secret belongs."""
ELSEWHERE = re.compile(
    r"(?i)<.*>|\$.*|\{\{.*|%\(.*|(?:vault|arn|sha256|env|ref|secret):.*|(?:teams|kv|secret)/.*"
    r"|/[\w./{}-]+|[\w.]+\(.*|https?://[^:@]*|[a-z_]+(?:\.[a-z_]+)+"
)
"""Values that say where a secret is."""
WORDS = re.compile(r"[A-Za-z]+(?:[_.-][A-Za-z]+)*")
LEAST_ENTROPY, LEAST_ENTROPY_HEX = 3.0, 2.7  # bits for each character
HEX = re.compile(r"[0-9a-fA-F]+")
FEW = 4  # different characters: `xxxxxxxx`, `00000000`, `abababab`
COUNTING = ("abcdefghijkl", "0123456789", "1234567890", "123456789a", "deadbeefdeadbeef")
USUAL_PASSWORDS = {"password", "passwd", "pass", "secret", "token", "pwd", "user", "admin"}
"""What documentation writes into addresses."""


def applies(_vetted: Vetted) -> str:
    """A connector always has a manifest to look through."""
    return ""


def run(vetted: Vetted) -> Iterator[Finding]:
    """Look through the manifest and every text file."""
    subject = vetted.subject
    yield from _in_file(subject.manifest_file, subject.manifest)
    for name in sorted(subject.names - {MANIFEST}):
        if not name.endswith(IGNORED):
            yield from _in_file(subject.named(name), subject.read(name) or b"")


def _in_file(file: str, raw: bytes) -> Iterator[Finding]:
    if len(raw) > MOST_BYTES or b"\0" in raw[:SNIFFED]:
        return
    text = raw.decode("utf-8", "replace")
    for start, what in found(text, is_code=file.endswith(CODE)):
        line = text.count("\n", 0, start) + 1
        column = start - text.rfind("\n", 0, start)
        message = f"it looks like {what}"
        yield Finding(file, Problem("secret-found", message, HINT, line=line, column=column))


def found(text: str, *, is_code: bool = False) -> list[tuple[int, str]]:
    """Return where in a text a credential begins, and what it looks like, in order.

    Args:
        text: The contents of a file.
        is_code: Whether values without quotes are names of something else.
    """
    places: dict[int, str] = {}
    for net in (_by_form(text), _in_addresses(text), _by_name(text, is_code=is_code)):
        for start, what in net:
            places.setdefault(start, what)
    return sorted(places.items())


def _by_form(text: str) -> Iterator[tuple[int, str]]:
    for mark, one, pattern in MARKED:
        if mark in text:
            for match in pattern.finditer(text):
                if not _is_made_up(match[0]):
                    yield match.start(), one.issuer


def _in_addresses(text: str) -> Iterator[tuple[int, str]]:
    if "://" in text:
        for match in IN_ADDRESS.finditer(text):
            if _is_password(match[1]):
                yield match.start(1), "a password in an address"


def _by_name(text: str, *, is_code: bool) -> Iterator[tuple[int, str]]:
    for match in _assigned(text):
        group = "quoted" if match["quoted"] else "bare"
        if (group == "quoted" or not is_code) and _is_secret(match["tail"], match[group]):
            yield match.start(group), "a credential, by its name"


def _assigned(text: str) -> Iterator[re.Match[str]]:
    """Find what `ASSIGNED` does, faster: it is tried where one of its first words stands."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter became two, so the places are others
        yield from ASSIGNED.finditer(text)
        return
    end = 0
    for start in sorted(_places(lowered)):
        if start >= end and (match := ASSIGNED.match(text, start)):
            end = match.end()
            yield match


def _places(lowered: str) -> Iterator[int]:
    for word in WORDS_FIRST:
        at = lowered.find(word)
        while at >= 0:
            yield at
            at = lowered.find(word, at + 1)


def _is_password(value: str) -> bool:
    """Whether the part of an address behind its user is more than a stand-in."""
    if value.lower() in USUAL_PASSWORDS or ELSEWHERE.fullmatch(value):
        return False
    return not STANDS_FOR.search(value) and "{" not in value and not _is_made_up(value)


def _is_secret(tail: str, value: str) -> bool:
    """Whether a value that is called secret looks like one, and not like a word about it."""
    if NAMES_A_PLACE.search(tail) or STANDS_FOR.search(value) or ELSEWHERE.fullmatch(value):
        return False
    if WORDS.fullmatch(value) or _is_made_up(value):
        return False
    least = LEAST_ENTROPY_HEX if HEX.fullmatch(value) else LEAST_ENTROPY
    return entropy(value) >= least and not value.isalpha()


def _is_made_up(value: str) -> bool:
    """Whether a value repeats itself or counts, as people type for an example."""
    if value.startswith("-----"):
        return False
    body = re.sub(r"[^A-Za-z0-9]", "", value)[-24:].lower()
    is_typed = "example" in value.lower() or any(run in body for run in COUNTING)
    return is_typed or len(set(body)) <= FEW


def entropy(text: str) -> float:
    """Return Shannon's entropy of a text in bits for each character."""
    counts = Counter(text)
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
