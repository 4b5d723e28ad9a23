"""policy: trying, reading and feeding the rules of the organisation."""

import json
from pathlib import Path

STARTER = Path(__file__).parents[2] / "starters/slack-alerts"
RULE = """\
package rules
import rego.v1

# METADATA
# title: No drafts
# description: nobody has looked at them
# custom:
#   fix: let it be reviewed
#   controls: [SOC 2 CC8.1]
deny contains "it is a draft" if input.connector.vetting_status == "draft"
"""
TEST = """\
package rules_test
import rego.v1
import data.rules

test_denies if count(rules.deny) == 1 with input as {"connector": {"vetting_status": "draft"}}
"""


def folder(path: Path, bad: str = "draft") -> Path:
    (path / "fixtures/bad").mkdir(parents=True)
    (path / "rules.rego").write_text(RULE)
    (path / "rules_test.rego").write_text(TEST)
    good = {"connector": {"vetting_status": "approved"}}
    (path / "fixtures/good.json").write_text(json.dumps(good))
    patch = {"connector": {"vetting_status": bad}}
    (path / "fixtures/bad/deny.draft.json").write_text(json.dumps(patch))
    return path


def test_the_shipped_rules_hold(offline) -> None:
    done = offline("policy", "test", "--json", closed=True)

    assert done.code == 0
    assert done.json["passed"] is True
    assert min(done.json["rules"], done.json["tests"], done.json["fixtures"]) > 10


def test_a_folder_is_tried(offline, tmp_path: Path) -> None:
    done = offline("policy", "test", str(folder(tmp_path)))

    assert (done.code, done.out) == (0, "ok 1 rules, 1 tests, 1 fixtures\n")


def test_a_case_that_is_not_denied_is_told(offline, tmp_path: Path) -> None:
    done = offline("policy", "test", str(folder(tmp_path, bad="review")))

    assert done.code == 1
    assert "fixtures/bad/deny.draft.json is not denied by deny" in done.out


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
    for part in ("No drafts", "nobody has looked at them", "let it be reviewed", "SOC 2 CC8.1"):
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
