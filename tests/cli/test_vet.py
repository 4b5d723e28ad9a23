"""vet: what a server would say, said on this machine."""

from pathlib import Path

import pytest

import scanners
from connectory.checks.table import CHECKS
from connectory.cli.bundle import read_source

MANIFEST = """\
id: lead-alerts
name: Lead alerts
version: 1.0.0
description: Tells a channel about leads
owner: bizops@example.com
runtime:
  type: serverless
  entrypoint: lead_alerts
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A connector's folder without anything to complain of."""
    made = tmp_path / "lead-alerts"
    (made / "src").mkdir(parents=True)
    (made / "src/lead_alerts.py").write_text("print('hello')\n")
    (made / "manifest.yaml").write_text(MANIFEST)
    for name in ("README.md", "runbook.md"):
        (made / name).write_text("# Lead alerts\n")
    return made


def test_a_clean_folder_passes(offline, folder: Path) -> None:
    done = offline("vet", str(folder))

    assert done.code == 0
    assert f"0 of {1 + len(CHECKS)} checks failed" in done.out
    assert f"-> connectory publish {folder}" in done.err


def test_a_refused_manifest_exits_1_with_the_place(offline, folder: Path) -> None:
    (folder / "manifest.yaml").write_text(MANIFEST + "id: again\n")

    done = offline("vet", str(folder))

    assert done.code == 1
    assert "FAIL manifest" in done.out
    assert f"{folder}/manifest.yaml:9:1" in done.out
    assert "the manifest breaks the format" in done.out


def test_warnings_are_shown_and_do_not_count(offline, tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text(MANIFEST)

    done = offline("vet", str(tmp_path / "manifest.yaml"))

    assert done.code == 0
    assert "warning: " in done.out


def test_the_module_to_start_must_be_there(offline, folder: Path) -> None:
    (folder / "src/lead_alerts.py").rename(folder / "src/other.py")

    done = offline("vet", str(folder))

    assert done.code == 1
    assert "there is no src/lead_alerts.py" in done.out


def test_a_folder_with_code_must_name_its_module(offline, folder: Path) -> None:
    without = MANIFEST.replace("  entrypoint: lead_alerts\n", "")
    (folder / "manifest.yaml").write_text(without)

    done = offline("vet", str(folder))

    assert done.code == 1
    assert "does not say which module to start" in done.out


def test_a_pinned_requirement_without_its_wheel_is_a_warning(offline, folder: Path) -> None:
    (folder / "requirements.lock").write_text("slack-sdk==3.47.0 --hash=sha256:00\n")

    done = offline("vet", str(folder), "--json")

    layout = done.json["checks"][2]
    assert done.code == 0
    assert [one["code"] for one in layout["problems"]] == ["wheel-missing"]


def test_a_requirement_with_its_wheel_is_fine(offline, folder: Path) -> None:
    (folder / "requirements.lock").write_text("slack-sdk==3.47.0 --hash=sha256:00\n")
    (folder / "wheels").mkdir()
    (folder / "wheels/slack_sdk-3.47.0-py3-none-any.whl").write_bytes(b"")

    assert offline("vet", str(folder), "--json").json["checks"][2]["problems"] == []


def test_missing_papers_are_warnings(offline, folder: Path) -> None:
    (folder / "runbook.md").unlink()

    assert "there is no runbook.md" in offline("vet", str(folder)).out


def test_a_deploy_file_that_widens_the_manifest_is_refused(offline, folder: Path) -> None:
    (folder / "deploy.yaml").write_text("targets:\n  local:\n    nonsense: 1\n")

    done = offline("vet", str(folder))

    assert done.code == 1
    assert f"{folder}/deploy.yaml:3:5" in done.out


def test_a_good_deploy_file_passes(offline, folder: Path) -> None:
    (folder / "deploy.yaml").write_text("targets:\n  local: {}\n")

    assert offline("vet", str(folder), "--json").json["checks"][1]["state"] == "passed"


def test_a_package_is_vetted_like_its_folder(offline, folder: Path, tmp_path: Path) -> None:
    package = tmp_path / "lead-alerts.tar.gz"
    package.write_bytes(read_source(folder).package)

    done = offline("vet", str(package), "--json")

    assert done.code == 0
    assert (done.json["id"], done.json["passed"]) == ("lead-alerts", True)


def test_json_has_every_check_and_problem(offline, folder: Path) -> None:
    (folder / "manifest.yaml").write_text("id: 1\n")

    done = offline("vet", str(folder), "--json")

    assert done.code == 1
    assert done.json["passed"] is False
    assert [one["state"] for one in done.json["checks"]] == [
        "failed",
        *["not-run"] * len(CHECKS),
    ]
    assert done.json["checks"][0]["problems"][0]["line"] == 1


def test_a_manifest_that_is_too_large_is_one_problem(offline, tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text("#" * 70_000)

    assert "has 70000 bytes" in offline("vet", str(tmp_path)).out


def test_a_folder_without_a_manifest_is_a_usage_failure(offline, tmp_path: Path) -> None:
    done = offline("vet", str(tmp_path))

    assert done.code == 2
    assert "has no manifest.yaml" in done.err


def test_several_are_vetted_each_on_its_own(offline, folder: Path, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("id: 1\n")

    done = offline("vet", str(folder), str(wrong), "--format", "json", closed=True)

    assert done.code == 1
    assert [one["passed"] for one in done.json["items"]] == [True, False]


@pytest.mark.parametrize(
    ("form", "begins"), [("sarif", "{"), ("junit", "<?xml"), ("github", "::warning")]
)
def test_a_report_for_other_programs_goes_to_a_file(
    offline, folder: Path, tmp_path: Path, form: str, begins: str
) -> None:
    file = tmp_path / "report"

    done = offline("vet", str(folder), "--format", form, "--output", str(file))

    assert (done.code, done.out) == (0, "")
    assert file.read_text().startswith(begins)


def test_a_report_that_cannot_be_written_is_said(offline, folder: Path, tmp_path: Path) -> None:
    done = offline("vet", str(folder), "--output", str(tmp_path / "none/report"))

    assert done.code == 2
    assert "no such file or directory" in done.err.lower()


def test_a_scanner_looks_where_it_is_set_up_and_says_so_where_it_cannot(
    offline, folder: Path, tmp_path: Path
) -> None:
    one = scanners.program(tmp_path, "echo '[]'", "8.30.1")
    path = {"CONNECTORY_SCANNER_GITLEAKS": one.program}
    digest = {"CONNECTORY_SCANNER_GITLEAKS_SHA256": one.sha256}

    def states(**given: str) -> dict[str, str]:
        done = offline("vet", str(folder), "--json", **given)
        assert done.code == 0
        return {each["name"]: each["state"] for each in done.json["checks"]}

    assert "gitleaks" not in states()
    assert states(**path)["gitleaks"] == "not-run"
    assert states(**path, **digest)["gitleaks"] == "passed"
    assert offline("vet", str(folder), "--strict", **path).code == 1
