"""Bytes to text, and the characters that a manifest must not have."""

import re

from connectory.kernel.errors import Problem
from connectory.manifest.errors import MOST_PROBLEMS, ManifestError

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
# Control characters, line breaks that YAML 1.1 and 1.2 read differently, and characters that
# make a line look different from what it is (bidirectional overrides).
REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
HIDDEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\U000e0000-\U000e01ef]")


def decoded(raw: bytes, *, file: str) -> str:
    """Return the text of a file in UTF-8; one byte order mark at its start is dropped.

    Raises:
        ManifestError: If the bytes are not UTF-8, or a character is refused.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8")
        raise ManifestError((_not_utf8(raw, before, error),), file=file) from None
    text = text.removeprefix(BOM)
    problems = _found(REFUSED, text, "control-character", "error")
    if problems:
        raise ManifestError(problems, file=file)
    return text


def refused_character(text: str) -> str | None:
    """Return the name of the first refused character (`U+0000`), or None.

    A file without refused characters can still make them, with escapes in double quotes.
    """
    found = REFUSED.search(text)
    return _code_point(found.group()) if found else None


def hidden_characters(text: str) -> tuple[Problem, ...]:
    """Return a warning for each character that is there but cannot be seen."""
    return _found(HIDDEN, text, "unicode-hidden", "warning")


def _found(
    pattern: re.Pattern[str], text: str, code: str, severity: str
) -> tuple[Problem, ...]:
    matches = list(pattern.finditer(text))[:MOST_PROBLEMS]
    return tuple(_problem(text, match, code, severity) for match in matches)


def _problem(text: str, match: re.Match[str], code: str, severity: str) -> Problem:
    line, column = _position(text[: match.start()])
    return Problem(
        code=code,
        message=f"{_code_point(match.group())} is not visible in an editor",
        hint="delete the character",
        line=line,
        column=column,
        severity=severity,
    )


def _not_utf8(raw: bytes, before: str, error: UnicodeDecodeError) -> Problem:
    line, column = _position(before)
    return Problem(
        code="not-utf8",
        message=f"byte 0x{raw[error.start]:02x} at offset {error.start} is not UTF-8",
        hint="save the file as UTF-8",
        line=line,
        column=column,
    )


def _position(before: str) -> tuple[int, int]:
    lines = re.split("\r\n|\r|\n", before)
    return len(lines), len(lines[-1]) + 1


def _code_point(character: str) -> str:
    return f"U+{ord(character):04X}"
