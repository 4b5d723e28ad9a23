"""verify: what was saved or fetched is what was approved, down to the last bit."""

import json
import random
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from connectory.attestations import bundle
from evidence import (
    ABOUT,
    APPROVED,
    MANIFEST_BYTES,
    PACKAGE_BYTES,
    PUBLIC,
    SBOM_BYTES,
    signed,
)
from marketplaces import LiveServer, wait_until

FILES = {
    "manifest.yaml": "the manifest does not fit",
    "package.tar.gz": "the package does not fit",
    "sbom.cdx.json": "the bill of materials does not fit",
    "attestations.jsonl": "decision",
}
BITS = random.Random(5).sample(range(10_000), 25)  # the same in every run  # noqa: S311


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """What `--save` saves, of a version that no server has."""
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "manifest.yaml").write_bytes(MANIFEST_BYTES)
    (folder / "package.tar.gz").write_bytes(PACKAGE_BYTES)
    (folder / "sbom.cdx.json").write_bytes(SBOM_BYTES)
    lines = "".join(f"{line}\n" for line in map(json.dumps, signed(*APPROVED)))
    (folder / "attestations.jsonl").write_text(lines)
    (folder / "key.pem").write_text(bundle.pem(PUBLIC))
    return folder


def test_saved_evidence_is_verified_without_a_server(offline, saved: Path) -> None:
    done = offline("verify", str(saved), "--key", str(saved / "key.pem"), "--offline")

    assert done.code == 0, done.err
    for said in ("5 signed statements", "security: sam", "ops: olu", f"{ABOUT.label} is app"):
        assert said in done.out


def test_the_file_of_statements_stands_for_its_folder(offline, saved: Path) -> None:
    key = ("--key", str(saved / "key.pem"))
    done = offline("verify", str(saved / "attestations.jsonl"), *key, "--offline", "--json")

    assert done.code == 0, done.err
    assert (done.json["verified"], done.json["digest"]) == (True, ABOUT.release)


@pytest.mark.parametrize("file", FILES)
def test_any_flipped_bit_fails_and_is_named(offline, saved: Path, file: str) -> None:
    path, key = saved / file, str(saved / "key.pem")
    whole = path.read_bytes()
    for bit in BITS:
        changed = bytearray(whole)
        changed[bit // 8 % len(whole)] ^= 1 << bit % 8
        path.write_bytes(changed)
        done = offline("verify", str(saved), "--key", key, "--offline")

        assert done.code == 1, (bit, done.out)
        assert FILES[file] in done.err, (bit, done.err)


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_missing_is_named(offline, saved: Path, file: str) -> None:
    (saved / file).unlink()
    done = offline("verify", str(saved), "--key", str(saved / "key.pem"), "--offline")

    assert done.code == 1
    assert file in done.err


def test_evidence_of_an_unknown_server_needs_its_key(offline, saved: Path) -> None:
    done = offline("verify", str(saved), "--offline")

    assert done.code == 1
    assert f"the key {bundle.key_id(PUBLIC)[:16]}" in done.err
    assert "--key FILE" in done.err


def test_the_key_of_somebody_else_does_not_do(offline, saved: Path) -> None:
    other = saved / "other.pem"
    other.write_text(bundle.pem(Ed25519PrivateKey.generate().public_key()))
    done = offline("verify", str(saved), "--key", str(other), "--offline")

    assert done.code == 1
    assert "names the key" in done.err


def test_a_file_that_is_no_key_is_refused(offline, saved: Path) -> None:
    done = offline("verify", str(saved), "--key", str(saved / "manifest.yaml"))

    assert done.code == 2
    assert "Ed25519" in done.err


def test_a_version_by_name_needs_its_server(offline) -> None:
    done = offline("verify", "bizops/crm-to-slack-v1@1.3.0", "--offline", closed=True)

    assert done.code == 2
    assert "--save DIR" in done.err


def test_a_version_of_a_server_is_verified_saved_and_verified_again(
    cli, live_server: LiveServer, tmp_path: Path
) -> None:
    wait_until(lambda: cli("verify", "slack-alerts@1.0.0").code == 0)
    folder = tmp_path / "evidence"
    done = cli("verify", "slack-alerts@1.0.0", "--save", str(folder), "--json")
    again = cli("verify", str(folder), "--offline", CONNECTORY_URL="http://127.0.0.1:9")
    online = cli("verify", str(folder))

    assert (done.code, again.code, online.code) == (0, 0, 0), (done.err, again.err, online.err)
    assert done.json["version"] == "bizops/slack-alerts@1.0.0"
    assert "bizops/slack-alerts@1.0.0 is approved" in again.out
    kept = (tmp_path / "connectory" / "server-keys.json").read_text()
    assert live_server.url in kept


def test_another_key_of_a_known_server_is_refused(
    cli, live_server: LiveServer, tmp_path: Path
) -> None:
    wait_until(lambda: cli("verify", "slack-alerts@1.0.0").code == 0)
    path = tmp_path / "connectory" / "server-keys.json"
    path.write_text(json.dumps({live_server.url: bundle.pem(PUBLIC)}))
    done = cli("verify", "slack-alerts@1.0.0")

    assert done.code == 1
    assert "another key than the one kept" in done.err


def test_damaged_keys_are_not_replaced(cli, tmp_path: Path) -> None:
    path = tmp_path / "connectory" / "server-keys.json"
    path.parent.mkdir()
    path.write_text("{")
    done = cli("verify", "slack-alerts@1.0.0")

    assert done.code == 1
    assert "--key FILE" in done.err
