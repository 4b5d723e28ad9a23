"""publish."""

from pathlib import Path

import pytest

from connectory.cli.bundle import read_source

MANIFEST = """\
id: {id}
name: Lead alerts {id}
version: 1.0.0
description: Tells a channel about leads
owner: payments@example.com
namespace: payments
runtime:
  type: serverless
  entrypoint: lead_alerts
"""


@pytest.fixture
def folder(tmp_path: Path, fresh: str) -> Path:
    made = tmp_path / fresh
    (made / "src").mkdir(parents=True)
    (made / "src/lead_alerts.py").write_text("print('hello')\n")
    (made / "manifest.yaml").write_text(MANIFEST.format(id=fresh))
    (made / "README.md").write_text("# Lead alerts\n")
    return made


def test_a_folder_goes_with_its_package_and_readme(cli, folder: Path, fresh: str) -> None:
    done = cli("publish", str(folder), "--json", account="max")

    assert done.code == 0
    assert done.json["created"] is True
    assert done.json["package_digest"].startswith("sha256:")
    assert (
        "# Lead alerts"
        in cli("api", "GET", f"/connectors/payments/{fresh}/versions/1.0.0/readme").out
    )


def test_the_same_bytes_again_change_nothing(cli, folder: Path) -> None:
    cli("publish", str(folder), account="max")

    again = cli("publish", str(folder), account="max")

    assert again.code == 0
    assert "Already there, byte for byte" in again.out


def test_other_bytes_under_the_same_version_are_a_conflict(cli, folder: Path) -> None:
    cli("publish", str(folder), account="max")
    (folder / "src/lead_alerts.py").write_text("print('other')\n")

    done = cli("publish", str(folder), account="max")

    assert done.code == 6
    assert "sha256:" in done.err or "hint:" in done.err


def test_a_manifest_goes_alone(cli, folder: Path) -> None:
    done = cli("publish", str(folder / "manifest.yaml"), "--json", account="max")

    assert done.json["package_digest"] is None


def test_a_manifest_goes_with_a_package_that_is_named(
    cli, folder: Path, tmp_path: Path
) -> None:
    package = tmp_path / "p.tar.gz"
    package.write_bytes(read_source(folder).package)

    done = cli(
        *("publish", str(folder / "manifest.yaml"), "--package", str(package), "--json"),
        account="max",
    )

    assert done.json["package_digest"].startswith("sha256:")


def test_what_the_claim_still_needs_is_said(cli, folder: Path) -> None:
    manifest = folder / "manifest.yaml"
    manifest.write_text(manifest.read_text() + "vetting_status: approved\n")

    done = cli("publish", str(folder), account="max")

    assert "its manifest claims approved; still missing: approval" in done.out


def test_a_dry_run_keeps_nothing(cli, folder: Path, fresh: str) -> None:
    done = cli("publish", str(folder), "--dry-run", account="max")

    assert done.code == 0
    assert "It would be accepted" in done.out
    assert cli("show", f"payments/{fresh}", account="max").code == 3


def test_a_dry_run_of_a_bad_manifest_exits_1(cli, folder: Path) -> None:
    (folder / "manifest.yaml").write_text("id: 1\n")

    done = cli("publish", str(folder), "--dry-run", account="max")

    assert done.code == 1
    assert "It would be refused" in done.out
    assert cli("publish", str(folder), "--dry-run", "--json", account="max").json["problems"]


def test_publishing_needs_a_token(cli, folder: Path) -> None:
    assert cli("publish", str(folder), CONNECTORY_TOKEN=None).code == 4


def test_several_are_published_or_refused_each_on_its_own(
    cli, folder: Path, tmp_path: Path, fresh: str
) -> None:
    first, wrong = tmp_path / "first.yaml", tmp_path / "wrong.yaml"
    first.write_text(MANIFEST.format(id=f"{fresh}-first"))
    wrong.write_text("id: x\n")

    done = cli("publish", str(first), str(wrong), str(folder), "--json", account="max")

    assert done.code == 1
    assert [one["result"] for one in done.json["items"]] == ["created", "refused", "created"]
    assert "1 of 3 were refused" in done.err


def test_several_that_are_there_with_other_bytes_are_a_conflict(
    cli, tmp_path: Path, fresh: str
) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for n, file in enumerate(files):
        file.write_text(MANIFEST.format(id=f"{fresh}-{n}"))
    cli("publish", *map(str, files), account="max")
    files[1].write_text(files[1].read_text() + "tags: [other]\n")

    done = cli("publish", *map(str, files), account="max")

    assert done.code == 6
    assert "Already there" in done.out


def test_with_a_token_for_bulk_manifests_go_together(cli, tmp_path: Path, fresh: str) -> None:
    scopes = [word for scope in ("read", "bulk") for word in ("--scope", scope)]
    token = cli("token", "create", "load", "--as", "max", *scopes).out.strip()
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for n, file in enumerate(files):
        file.write_text(MANIFEST.format(id=f"{fresh}-{n}"))

    done = cli("publish", *map(str, files), "--json", CONNECTORY_TOKEN=token)

    assert [one["result"] for one in done.json["items"]] == ["created", "created"]
