"""policy: trying, reading and feeding the rules of the organisation."""

import json
from pathlib import Path

from rulebooks import RULE, folder

STARTER = Path(__file__).parents[2] / "starters/slack-alerts"


def test_the_shipped_rules_hold(offline) -> None:
    done = offline("policy", "test", "--json", closed=True)

    assert done.code == 0
    assert done.json["passed"] is True
    assert min(done.json["rules"], done.json["tests"], done.json["fixtures"]) > 10


def test_a_folder_is_tried(offline, tmp_path: Path) -> None:
    done = offline("policy", "test", str(folder(tmp_path)))

    assert (done.code, done.out) == (0, "ok 1 rules, 1 tests, 1 fixtures\n")


def test_a_case_that_is_not_denied_is_told(offline, tmp_path: Path) -> None:
    done = offline("policy", "test", str(folder(tmp_path, bad="MIT")))

    assert done.code == 1
    assert "fixtures/bad/deny.licence.json is not denied by deny" in done.out


def test_a_folder_without_tests_and_cases_does_not_hold(offline, tmp_path: Path) -> None:
    (tmp_path / "rules.rego").write_text(RULE)

    done = offline("policy", "test", str(tmp_path))

    assert done.code == 1
    assert "there are no tests" in done.out
    assert "fixtures/good.json" in done.out


def test_what_does_not_compile_is_refused(offline, tmp_path: Path) -> None:
    (tmp_path / "rules.rego").write_text("package")

    done = offline("policy", "test", str(tmp_path))

    assert done.code == 2
    assert "rules.rego" in done.err


def test_rules_are_shown_in_words(offline, tmp_path: Path) -> None:
    done = offline("policy", "show", str(folder(tmp_path)), closed=True)

    assert done.code == 0
    for part in ("Licences we know", "never read", "choose MIT", "SOC 2 CC8.1"):
        assert part in done.out


def test_the_shipped_rules_are_shown_as_json(offline) -> None:
    done = offline("policy", "show", "--json")

    regions = [one for one in done.json["items"] if one["rule"].endswith("deny_region")]
    assert "GDPR Art. 44" in regions[0]["controls"]


def test_input_is_what_rules_judge(offline, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    options = ("--action", "deploy", "--environment", "prod", "--output", str(file))

    done = offline("policy", "input", str(STARTER), *options, closed=True)

    given = json.loads(file.read_text())
    assert (done.code, done.out) == (0, "")
    assert (given["action"], given["environment"]) == ("deploy", "prod")
    assert given["connector"]["runtime"]["resources"]["region"] == "us-east-1"
    assert given["image"]["bases"] == ["python:3.11-slim-bookworm"]
