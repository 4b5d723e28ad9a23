"""ci init: files that let a repository vet and publish by itself."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

STARTERS = Path(__file__).parents[2] / "starters"
HOSTS = {
    "--github": {".github/workflows/connectors.yml", ".github/CODEOWNERS"},
    "--gitlab": {".gitlab-ci.yml", ".gitlab/CODEOWNERS"},
}
BOTH = {".yamllint", ".pre-commit-config.yaml"}
BRIEF = """\
id: crm-to-slack-v1
name: CRM -> Slack New Lead
version: 1.2.0
description: Sends new CRM leads to a team Slack channel
owner: bizops@example.com
runtime:
  type: serverless
policies:
  - data_retention: 30d
  - allowed_regions: ["us-east-1","us-west-2"]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one connector."""
    made = tmp_path / "repository"
    (made / "connectors/crm-to-slack").mkdir(parents=True)
    (made / "connectors/crm-to-slack/manifest.yaml").write_text(BRIEF)
    return made


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_written_is_yaml_that_yamllint_accepts(
    offline, repository: Path, host: str
) -> None:
    done = offline("ci", "init", str(repository), host, "--guardian", "@a/sec", closed=True)

    found = {p.relative_to(repository).as_posix() for p in repository.rglob("*") if p.is_file()}
    assert done.code == 0, done.err
    assert found - {"connectors/crm-to-slack/manifest.yaml"} == HOSTS[host] | BOTH
    files = [repository / name for name in found if "CODEOWNERS" not in name]
    assert all(yaml.safe_load(file.read_text()) for file in files)
    linted = subprocess.run(
        [sys.executable, "-m", "yamllint", "--strict", *map(str, files)],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (linted.returncode, linted.stdout) == (0, "")


def test_the_starters_keep_the_rules_of_yamllint(offline, repository: Path) -> None:
    offline("ci", "init", str(repository))

    linted = subprocess.run(
        [sys.executable, "-m", "yamllint", "-c", ".yamllint", *STARTERS.glob("*/*.yaml")],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )

    assert linted.returncode == 0, linted.stdout


def test_github_vets_what_is_asked_and_publishes_what_is_merged(
    offline, repository: Path
) -> None:
    offline("ci", "init", str(repository), "--branch", "trunk", "--url", "https://m.example")

    text = (repository / ".github/workflows/connectors.yml").read_text()
    jobs = yaml.safe_load(text)["jobs"]
    assert "connectory vet connectors/*/ --format github" in str(jobs["vet"])
    assert jobs["publish"]["if"] == "github.event_name == 'push'"
    assert jobs["publish"]["steps"][-1]["env"] == {
        "CONNECTORY_URL": "https://m.example",
        "CONNECTORY_TOKEN": "${{ secrets.CATALOG_TOKEN }}",
    }
    assert "branches: [trunk]" in text


def test_owners_of_manifests_own_their_folder_and_the_guardian_the_rest(
    offline, repository: Path
) -> None:
    offline("ci", "init", str(repository), "--guardian", "@acme/security")

    assert (repository / ".github/CODEOWNERS").read_text().splitlines()[1:] == [
        "* @acme/security",
        "/policies/ @acme/security",
        "/connectors/crm-to-slack/ bizops@example.com",
        "/.github/ @acme/security",
    ]


def test_nothing_that_differs_is_overwritten_unless_forced(offline, repository: Path) -> None:
    own = repository / ".yamllint"
    own.write_text("extends: relaxed\n")

    refused = offline("ci", "init", str(repository))
    kept = (own.read_text(), (repository / ".github").exists())
    forced = offline("ci", "init", str(repository), "--force")
    again = offline("ci", "init", str(repository), "--json")

    assert (refused.code, kept) == (6, ("extends: relaxed\n", False))
    assert "-extends: relaxed" in refused.out
    assert forced.code == 0
    assert again.json["changed"] == []


def test_a_dry_run_writes_nothing(offline, repository: Path) -> None:
    done = offline("ci", "init", str(repository), "--dry-run")

    assert done.code == 0
    assert "+name: Connectors" in done.out
    assert not (repository / ".github").exists()


@pytest.mark.parametrize("option", [("--branch", "a]\nx: b"), ("--guardian", "a b")])
def test_no_option_smuggles_yaml_in(offline, repository: Path, option: tuple[str, str]) -> None:
    assert offline("ci", "init", str(repository), *option).code == 2
