"""Manifests that attack: each row has an id of the threat model and one expected answer.

Time limits only guard against hanging; they are not measurements.
"""

import contextlib
import time
from pathlib import Path

import pytest

from connectory.manifest.errors import ManifestError, ManifestTooLargeError
from connectory.manifest.loader import MAX_BYTES, load

BRIEF = Path(__file__).parents[1] / "manifest" / "examples" / "brief.yaml"
TEXT = BRIEF.read_text()
HANG_S = 5.0

ALIAS_BOMB = "x-a: &a [lol]\n" + "".join(
    f"x-{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)


def with_id(value: str) -> str:
    return TEXT.replace("id: crm-to-slack-v1", f"id: {value}")


def with_version(value: str) -> str:
    return TEXT.replace("version: 1.2.0", f"version: {value}")


def with_tags(tags: list[str]) -> str:
    return TEXT.replace(
        "tags:\n  - crm\n  - slack\n  - alert\n", f"tags: [{', '.join(tags)}]\n"
    )


def with_secrets(names: list[str]) -> str:
    return TEXT.replace("secrets:\n  - crm_api_key\n", f"secrets: [{','.join(names)}]\n")


def with_schedule(cron: str, zone: str = "UTC") -> str:
    return f'{TEXT}triggers: [{{type: schedule, cron: "{cron}", timezone: {zone}}}]\n'


def row(name: str, content: str | bytes, code: str, said: str = "") -> object:
    raw = content.encode() if isinstance(content, str) else content
    return pytest.param(raw, code, said, id=name)


ROWS = [
    row("B2", TEXT + "vetting_status: draft\n", "yaml-duplicate-key", "line 23"),
    row(
        "B2-nested",
        TEXT.replace("  provider: cloudrun\n", "  provider: cloudrun\n  provider: lambda\n"),
        "yaml-duplicate-key",
        "line 12",
    ),
    row("B2-quoted", TEXT + '"vetting_status": draft\n', "yaml-duplicate-key", "line 23"),
    row("B7", TEXT + ALIAS_BOMB, "yaml-alias"),
    row("B8-merge", TEXT + "x-a: {<<: {a: b}}\n", "yaml-alias"),
    row("B8-recursive", TEXT + "x-a: &a [*a]\n", "yaml-alias"),
    row("B8-alias", TEXT + "x-a: *nowhere\n", "yaml-alias"),
    row("B9-python", TEXT + "x-a: !!python/object/apply:os.system [id]\n", "yaml-tag"),
    row("B9-local", TEXT + "x-a: !thing b\n", "yaml-tag"),
    row("B9-key", TEXT + "!!str x-a: b\n", "yaml-tag"),
    row("B10", "[" * 5000, "yaml-depth", "32 levels"),
    row("B10-maps", "{a: " * 5000, "yaml-depth", "32 levels"),
    row("B12", TEXT + "---\n" + TEXT, "yaml-multi-document"),
    row("B12-end", TEXT + "...\n---\na: b\n", "yaml-multi-document"),
    row("B13-utf16", TEXT.encode("utf-16"), "not-utf8"),
    row("B13-utf16-no-mark", TEXT.encode("utf-16-le"), "control-character", "U+0000"),
    row("B13-latin1", TEXT.encode() + "# é\n".encode("latin-1"), "not-utf8"),
    row("B13-surrogate", TEXT.encode() + b"# \xed\xa0\x80\n", "not-utf8"),
    row("B13-nul", TEXT.encode() + b"# \x00\n", "control-character", "U+0000"),
    row("B13-nul-escape", TEXT + 'x-a: "\\0"\n', "control-character", "U+0000"),
    row("B13-bidi", TEXT + "# \u202e\n", "control-character", "U+202E"),
    row("B13-bidi-escape", TEXT + 'x-a: "\\u202e"\n', "control-character", "U+202E"),
    row("B13-line-separator", TEXT + "# \u2028id: other\n", "control-character", "U+2028"),
    row("B13-second-mark", "\ufeff\ufeff" + TEXT, "control-character", "U+FEFF"),
    row("B15-float", with_version("1.20"), "not-semver", "write 1.20.0"),
    row(
        "B16",
        TEXT.replace("policies:", "polices:"),
        "unknown-field",
        "did you mean `policies`?",
    ),
    row("B17-newline", with_id('"crm-to-slack\\n"'), "bad-id"),
    row("B17-digits", with_version("\u0661.\u0662.\u0663"), "not-semver"),
    row("B17-long", with_id("c" * 64), "too-long", "63"),
    row("B17-dots", with_id('".."'), "bad-id"),
    row("B17-option", with_id('"-rf"'), "bad-id"),
    row("B17-proto", with_id("__proto__"), "bad-id"),
    *[
        row(f"B17-{name}", with_id(name), "reserved-id")
        for name in ("con", "com1", "health", "ready", "api")
    ],
    row(
        "B19-secrets", with_secrets([f"s{n}" for n in range(9_500)]), "too-many", "limit of 50"
    ),
    row("B19-tag", with_tags(["a" * 10_000]), "too-long", "limit is 40"),
    row("B19-tags", with_tags([f"t{n}" for n in range(1_000)]), "too-many", "limit of 20"),
    *(
        row(f"B17-cron-{name}", with_schedule(cron), "bad-cron")
        for name, cron in {
            "digits": "\u0660 7 * * *",
            "newline": "0 7 * * *\\n",
            "seconds": "0 0 7 * * *",
            "never": "0 0 31 2 *",
            "huge-step": "*/99999999999 * * * *",
            "negative": "-1 * * * *",
            "random": "H H * * *",
            "last": "0 0 L * *",
            "spaces": "0  7 * * *",
            "shell": "@reboot",
        }.items()
    ),
    row("B17-cron-long", with_schedule(",".join("0" * 150) + " * * * *"), "too-long"),
    row("B17-zone", with_schedule("@daily", "../../etc/passwd"), "unknown-timezone"),
    row("B17-zone-local", with_schedule("@daily", "localtime"), "unknown-timezone"),
    row("B61", with_id("\u0441rm"), "bad-id", "U+0441"),
]


@pytest.mark.parametrize(("raw", "code", "said"), ROWS)
def test_a_hostile_manifest_is_refused(raw: bytes, code: str, said: str) -> None:
    start = time.monotonic()

    with pytest.raises(ManifestError) as caught:
        load(raw)

    told = " ".join(p.message + p.hint for p in caught.value.problems)
    assert code in {p.code for p in caught.value.problems}
    assert said in told
    assert time.monotonic() - start < HANG_S


@pytest.mark.parametrize(
    "extra", [pytest.param(1, id="B11"), pytest.param(1_000_000, id="B11-million-keys")]
)
def test_one_byte_too_many_is_too_many(extra: int) -> None:
    raw = TEXT.encode().ljust(MAX_BYTES, b"#") + b"a: 1\n"[:1] * extra

    with pytest.raises(ManifestTooLargeError) as caught:
        load(raw)

    assert str(MAX_BYTES) in caught.value.message


@pytest.mark.parametrize("raw", [pytest.param(b"\xef\xbb\xbf" + TEXT.encode(), id="B13-mark")])
def test_one_byte_order_mark_at_the_start_is_accepted(raw: bytes) -> None:
    assert load(raw).manifest.id == "crm-to-slack-v1"


@pytest.mark.parametrize(
    "literal",
    [
        pytest.param(text, id=f"B15-{text}")
        for text in ("NO", "12:30:00", "0o17", "1e400", ".nan")
    ],
)
def test_a_scalar_that_readers_guess_about_stays_text(literal: str) -> None:
    loaded = load(f"{TEXT}x-a: {literal}\nannotations: {{country: {literal}}}\n".encode())

    assert loaded.normal["x-a"] == literal
    assert loaded.normal["annotations"] == {"country": literal}


HUNGRY = {
    "keys": TEXT + "".join(f"k{n}: 1\n" for n in range(6_000)),
    "same-key": TEXT + "x-a: 1\n" * 9_000,
    "policies": TEXT.replace(
        "policies:\n",
        "policies:\n" + "".join(f"  - data_retentiom{n}: 1\n" for n in range(2_000)),
    ),
    "patterns": TEXT
    + "inputs: [{name: a, default: b, schema: {allOf: ["
    + "{pattern: '(a{0,99}){0,99}'}," * 1_500
    + "]}}]\n",
    "mismatches": TEXT
    + "inputs: [{name: a, schema: {type: array, items: {type: integer}}, default: ["
    + "x," * 15_000
    + "]}]\n",
    "references": TEXT
    + "inputs: [{name: a, default: b, schema: {$ref: '#/$defs/d0', $defs: {"
    + ", ".join(f"d{n}: {{allOf: [{{$ref: '#/$defs/d{n + 1}'}}]}}" for n in range(900))
    + "}}}]\n",
    "hidden": TEXT + "# " + "\u200b" * 20_000,
    "text": TEXT.replace("CRM -> Slack New Lead", "a " * 30_000 + "."),
}


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=f"T-6-{name}") for name, text in HUNGRY.items()]
)
def test_a_hungry_manifest_is_answered_soon(text: str) -> None:
    start = time.monotonic()

    with contextlib.suppress(ManifestError):
        load(text.encode())

    assert time.monotonic() - start < HANG_S
