"""new: a connector to begin with, complete from the first moment."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectory.manifest import loader
from connectory.scaffold.files import TEMPLATES, Wish

OWNER = ("--owner", "bizops@example.com")


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_made_vets_without_a_warning(offline, tmp_path: Path, template: str) -> None:
    done = offline("new", "lead-news", "--template", template, *OWNER, "--into", str(tmp_path))

    vetted = offline("vet", str(tmp_path / "lead-news"), "--json").json
    assert done.code == 0, done.err
    assert vetted["passed"] is True
    assert [one for check in vetted["checks"] for one in check["problems"]] == []


@pytest.mark.parametrize("template", TEMPLATES)
def test_its_own_tests_pass(offline, tmp_path: Path, template: str) -> None:
    offline("new", "lead-news", "--template", template, *OWNER, "--into", str(tmp_path))

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path / "lead-news",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


def test_the_folder_has_all_that_a_connector_needs(offline, tmp_path: Path) -> None:
    made = offline("new", "lead-news", *OWNER, "--into", str(tmp_path), "--json").json

    assert {
        *(".gitignore", "Dockerfile", "README.md", "deploy.yaml", "examples/event.json"),
        *("manifest.yaml", "requirements.in", "requirements.lock", "runbook.md"),
        *("src/lead_news/__init__.py", "src/lead_news/__main__.py"),
        *("tests/conftest.py", "tests/test_connector.py"),
    } <= set(made["files"])
    assert all((tmp_path / "lead-news" / name).is_file() for name in made["files"])
    assert not [
        p for p in tmp_path.rglob("*") if p.is_file() and b"<<" in p.read_bytes()[:2000]
    ]


def test_names_that_are_given_are_in_the_manifest(offline, tmp_path: Path) -> None:
    offline("new", "news", "--owner", "no", "--namespace", "payments", "--into", str(tmp_path))

    manifest = loader.load((tmp_path / "news/manifest.yaml").read_bytes()).manifest
    assert (manifest.id, manifest.owner, manifest.namespace) == ("news", "no", "payments")


def test_nothing_that_exists_is_overwritten(offline, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news/mine.txt").write_text("mine")

    done = offline("new", "news", *OWNER, "--into", str(tmp_path))

    assert done.code == 6
    assert "is there already and nothing in it was changed" in done.err
    assert [path.name for path in tmp_path.rglob("*")] == ["news", "mine.txt"]


def test_an_empty_folder_is_filled(offline, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()

    assert offline("new", "news", *OWNER, "--into", str(tmp_path)).code == 0
    assert (tmp_path / "news/manifest.yaml").is_file()


@pytest.mark.parametrize("id_", ["../up", "Upper", "api", "a b", "/x"])
def test_an_id_that_could_not_be_published_makes_nothing(
    offline, tmp_path: Path, id_: str
) -> None:
    done = offline("new", id_, *OWNER, "--into", str(tmp_path))

    assert done.code == 2
    assert list(tmp_path.iterdir()) == []


def test_an_owner_is_needed(offline, tmp_path: Path) -> None:
    done = offline("new", "news", "--into", str(tmp_path))

    assert done.code == 2
    assert "--owner bizops@example.com" in done.err


def test_a_dry_run_makes_nothing(offline, tmp_path: Path) -> None:
    done = offline("new", "news", *OWNER, "--into", str(tmp_path), "--dry-run")

    assert "Would create" in done.out
    assert list(tmp_path.iterdir()) == []


def test_next_steps_are_said(offline, tmp_path: Path) -> None:
    done = offline("new", "news", *OWNER, "--into", str(tmp_path))

    assert f"-> connectory vet {tmp_path}/news" in done.err


def test_ids_like_it_are_named_where_a_server_answers(cli, tmp_path: Path) -> None:
    done = cli("new", "crm-to-slack", *OWNER, "--into", str(tmp_path))

    assert done.code == 0
    assert "Similar connectors exist: crm-to-slack-v1 (0." in done.err


@pytest.mark.parametrize(
    ("id_", "module", "version"),
    [
        ("lead-news", "lead_news", "0.1.0"),
        ("lead-news-v2", "lead_news_v2", "2.0.0"),
        ("json", "json_connector", "0.1.0"),
        ("class", "class_connector", "0.1.0"),
    ],
)
def test_module_and_version_follow_from_the_id(id_: str, module: str, version: str) -> None:
    wish = Wish(id_, "blank", "bizops")

    assert (wish.module, wish.version) == (module, version)


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (("Bad Id", *OWNER), "id"),
        (("good-id", "--owner", "not an owner"), "owner"),
        (("good-id", *OWNER, "--namespace", "X y"), "namespace"),
    ],
)
def test_a_name_that_could_not_be_published_is_refused_by_itself(
    offline, tmp_path: Path, arguments: tuple[str, ...], field: str
) -> None:
    done = offline("new", *arguments, "--into", str(tmp_path))

    assert done.code == 2
    assert f"error: {field}: " in done.err
    assert "the template" not in done.err
    assert list(tmp_path.iterdir()) == []
