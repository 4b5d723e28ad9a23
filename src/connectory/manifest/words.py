"""The texts of a manifest: each named type is one rule about how a field is written."""

import re
from typing import Annotated

from connectory.manifest.addresses import MAIL_PATTERN
from connectory.manifest.quantities import DURATION, MEMORY, memory_bytes
from connectory.manifest.texts import Text, patterned, refusal, shown

SLUG_PATTERN = "[a-z][a-z0-9-]{1,62}"
NAME_PATTERN = "[a-z][a-z0-9_]{0,62}"
TAG_WORD = "[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?"
NUMERAL = "(?:0|[1-9][0-9]{0,8})"
IDENTIFIER = "(?:0|[1-9][0-9]{0,17}|[0-9]{0,17}[A-Za-z-][0-9A-Za-z-]{0,17})"
SEMVER_PATTERN = (
    rf"{NUMERAL}\.{NUMERAL}\.{NUMERAL}(?:-{IDENTIFIER}(?:\.{IDENTIFIER}){{0,7}})?"
    r"(?:\+[0-9A-Za-z-]{1,32}(?:\.[0-9A-Za-z-]{1,32}){0,7})?"
)
COMPARATOR = rf"(?:>=|<=|>|<|=|\^|~)? ?{NUMERAL}(?:\.{NUMERAL}){{0,2}}"

# Names that are routes of the server, or that operating systems and languages trip over.
RESERVED_IDS = frozenset(
    [
        "api",
        "con",
        "constructor",
        "docs",
        "health",
        "healthz",
        "hooks",
        "latest",
        "manifest",
        "metrics",
        "new",
        "nul",
        "openapi",
        "prn",
        "aux",
        "ready",
        "readyz",
        "schemas",
        "search",
        "static",
        "versions",
    ]
) | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}

MIN_MEMORY, MAX_MEMORY = 1_000_000, 2**40
FACETS = ("team", "domain", "runtime", "risk")
RISKS = ("low", "medium", "high")
RESERVED_VARIABLES = frozenset({"PORT", "PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE"})
RESERVED_PREFIXES = ("CONNECTORY_", "PYTHON", "LD_")


def line(longest: int) -> Text:
    """Return the rule of a text on one line that is not blank."""
    return Text(
        pattern=r"[^\n\r]*[^\s][^\n\r]*",
        code="bad-text",
        wanted="one line of text",
        hint="write it on one line; after a block sign use `>-`",
        longest=longest,
    )


def prose(longest: int) -> Text:
    """Return the rule of a text that may have several lines and is not blank."""
    return Text(
        pattern=r"[\s\S]*[^\s][\s\S]*",
        code="bad-text",
        wanted="a text",
        hint="write at least one word",
        longest=longest,
    )


def _slug(code: str, reserved: frozenset[str] = frozenset()) -> Text:
    return Text(
        pattern=SLUG_PATTERN,
        code=code,
        wanted="2 to 63 lower-case letters, digits and hyphens that start with a letter",
        hint=_slug_hint,
        longest=63,
        reserved=reserved,
    )


def _slug_hint(value: str) -> str:
    foreign = next((char for char in value if not char.isascii()), None)
    if foreign:
        return f"{shown(foreign)} is U+{ord(foreign):04X}; use a-z, 0-9 and hyphens"
    return "use a-z, 0-9 and hyphens: crm-to-slack"


def _version_hint(value: str) -> str:
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        return f"write {value}{'.0' * (2 - value.count('.'))}"
    if re.fullmatch(rf"v{SEMVER_PATTERN}", value):
        return f"write {value[1:]}"
    return "write one exact version with three numbers: 1.2.0"


def _tag_hint(value: str) -> str:
    lower = re.sub(r"[\s_]+", "-", value.strip().lower())
    return f"write {lower}" if re.fullmatch(TAG_WORD, lower) else "write `word` or `key:value`"


def _tag_facet(value: str) -> None:
    key, _, word = value.partition(":")
    if key == "risk" and word and word not in RISKS:
        raise refusal(
            "bad-tag", f"{shown(value)} is no risk", "use one of: " + ", ".join(RISKS)
        )


def _memory_hint(value: str) -> str:
    number = re.match(r"[0-9]{1,9}", value)
    example = number.group() if number else "256"
    return f"write {example}M (millions of bytes) or {example}Mi (mebibytes)"


def _memory_range(value: str) -> None:
    if not MIN_MEMORY <= memory_bytes(value) <= MAX_MEMORY:
        raise refusal("out-of-range", f"{shown(value)} is not from 1M to 1Ti", "write 256M")


def _free_variable(value: str) -> None:
    if value in RESERVED_VARIABLES or value.startswith(RESERVED_PREFIXES):
        raise refusal(
            "reserved-env",
            f"the variable {shown(value)} belongs to the platform",
            "choose another name, or leave `env` out",
        )


SLUG = _slug("bad-slug")
NAME = patterned(
    NAME_PATTERN,
    "bad-name",
    "1 to 63 lower-case letters, digits and underscores that start with a letter",
    "use a-z, 0-9 and underscores: crm_api_key",
    63,
)
CHANGE = prose(500)
LABEL = line(200)

Line = Annotated[str, LABEL]
Prose = Annotated[str, prose(2000)]
Title = Annotated[str, line(100)]
Description = Annotated[str, prose(300)]
ChangeText = Annotated[str, CHANGE]
ConnectorId = Annotated[str, _slug("bad-id", RESERVED_IDS)]
Slug = Annotated[str, SLUG]
Name = Annotated[str, NAME]
SemVer = Annotated[
    str, patterned(SEMVER_PATTERN, "not-semver", "a semantic version", _version_hint, 64)
]
VersionRange = Annotated[
    str,
    patterned(
        rf"{COMPARATOR}(?:, ?{COMPARATOR}){{0,3}}",
        "bad-range",
        "a range of versions",
        'write comparisons with commas: ">=1.2, <2"',
    ),
]
Owner = Annotated[
    str,
    patterned(
        rf"(?:{MAIL_PATTERN}|[A-Za-z][A-Za-z0-9._/:-]{{0,99}})",
        "bad-owner",
        "an e-mail address or the name of a team",
        "write bizops@example.com or bizops",
        254,
    ),
]
Tag = Annotated[
    str,
    Text(
        pattern=rf"{TAG_WORD}(?::{TAG_WORD})?",
        code="bad-tag",
        wanted="a tag",
        hint=_tag_hint,
        longest=40,
        also=_tag_facet,
    ),
]
Memory = Annotated[
    str,
    Text(
        pattern=MEMORY,
        code="bad-memory",
        wanted="an amount of memory",
        hint=_memory_hint,
        longest=16,
        also=_memory_range,
    ),
]
Duration = Annotated[
    str,
    patterned(DURATION, "bad-duration", "a duration", "write 30s, 12h, 30d, 2w or P30D", 40),
]
RegionName = Annotated[
    str,
    patterned(
        "[a-z][a-z0-9]*(?:-[a-z0-9]+)*",
        "bad-region",
        "the name of a region",
        "write it as the provider does, in lower case: us-east-1",
        40,
    ),
]
EnvName = Annotated[
    str,
    Text(
        pattern="[A-Z][A-Z0-9_]{0,62}",
        code="bad-env",
        wanted="the name of an environment variable",
        hint="use A-Z, 0-9 and underscores: CRM_API_KEY",
        longest=63,
        also=_free_variable,
    ),
]
EventName = Annotated[
    str,
    patterned(
        "[a-z][a-z0-9_]*(?:[.:/-][a-z0-9_]+)*",
        "bad-name",
        "the name of an event",
        "write crm.lead.created",
        100,
    ),
]
Scope = Annotated[
    str,
    patterned(r"[!-~]+", "bad-scope", "a scope", "write one scope, without blanks: chat:write"),
]
Entrypoint = Annotated[
    str,
    patterned(
        r"[A-Za-z_][A-Za-z0-9_]*(?:[./:-][A-Za-z0-9_]+)*",
        "bad-entrypoint",
        "a module or a file of the package",
        "write the module that runs: crm_to_slack",
    ),
]
Digest = Annotated[
    str,
    patterned(
        "sha256:[0-9a-f]{64}",
        "bad-digest",
        "a digest",
        "write sha256: and 64 hexadecimal digits in lower case",
        71,
    ),
]
Commit = Annotated[
    str,
    patterned(
        "[0-9a-f]{40,64}", "bad-commit", "a commit", "write the whole hash, 40 to 64 digits", 64
    ),
]
License = Annotated[
    str,
    patterned(
        r"[A-Za-z0-9.+()-]+(?: [A-Za-z0-9.+()-]+)*",
        "bad-license",
        "an SPDX licence",
        "write an identifier of https://spdx.org/licenses: Apache-2.0",
        100,
    ),
]
ConnectorRef = Annotated[
    str,
    patterned(
        rf"(?:{SLUG_PATTERN}/)?{SLUG_PATTERN}",
        "bad-id",
        "a connector",
        "write `id` or `namespace/id`: bizops/crm-to-slack-v1",
        127,
    ),
]
Platform = Annotated[
    str,
    patterned(
        "[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9]+)?", "bad-platform", "a platform", "write linux/amd64"
    ),
]
MediaType = Annotated[
    str,
    patterned(
        r"[a-z]+/[a-z0-9.+-]+", "bad-media-type", "a media type", "write application/json"
    ),
]
MetricName = Annotated[
    str,
    patterned(
        "[a-zA-Z_:][a-zA-Z0-9_:]*", "bad-name", "the name of a metric", "write leads_sent_total"
    ),
]
