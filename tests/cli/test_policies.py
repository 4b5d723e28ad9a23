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

    assert (done.code, done.out) == (0, "ok 1 rule, 1 test, 1 fixture\n")


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
    place = ("--environment", "prod", "--team", "payments", "--target", "local")
    options = ("--action", "deploy", *place, "--output", str(file))

    done = offline("policy", "input", str(STARTER), *options, closed=True)

    given = json.loads(file.read_text())
    assert (done.code, done.out) == (0, "")
    assert (given["action"], given["environment"]) == ("deploy", "prod")
    assert (given["team"], given["instance"]["target"]) == ({"name": "payments"}, "local")
    assert given["connector"]["runtime"]["resources"]["region"] == "us-east-1"
    assert given["image"]["bases"] == ["python:3.11-slim-bookworm"]


def test_the_rules_in_force_are_shown(cli) -> None:
    done = cli("policy", "show", "--active", "--json")

    assert len(done.json["items"]) > 10


def test_input_of_a_published_version_has_its_status(cli) -> None:
    done = cli("policy", "input", "bizops/crm-to-slack-v1@1.3.0", "--environment", "prod")

    given = json.loads(done.out)
    assert given["environment"] == "prod"
    assert given["connector"]["vetting_status"] == "approved"


def test_rules_that_deny_nothing_new_pass(cli, tmp_path: Path) -> None:
    lenient = RULE.replace('"MIT"', '"MIT", "GPL-3.0-only"')  # others publish such in the demo
    done = cli("policy", "impact", str(folder(tmp_path, lenient)))

    assert done.code == 0, done.err
    assert "versions and instances were judged" in done.out


def test_what_would_be_denied_is_told_by_team(cli, tmp_path: Path) -> None:
    rules = str(folder(tmp_path, RULE.replace(', "Apache-2.0"', "")))

    told = cli("policy", "impact", rules)
    asked = cli("policy", "impact", rules, "--json")
    comment = cli("policy", "impact", rules, "--format", "markdown")

    assert (told.code, asked.code, comment.code) == (1, 1, 1)
    [of_bizops] = [one for one in asked.json["teams"] if one["team"] == "bizops"]
    assert of_bizops["newly_denied"] >= 5
    assert "nobody knows the licence Apache-2.0" in told.out
    assert f"| bizops | {of_bizops['newly_denied']} | 0 | 0 |" in comment.out
    assert "`bizops/slack-alerts@1.0.0` of bizops: `nobody knows" in comment.out


def test_the_impact_is_for_admins(cli, tmp_path: Path) -> None:
    assert cli("policy", "impact", str(folder(tmp_path)), account="max").code == 4


def test_activating_can_be_rehearsed(cli, tmp_path: Path) -> None:
    done = cli("policy", "activate", str(folder(tmp_path)), "--dry-run")

    assert done.code == 0
    assert "/policies/bundles" in done.out


def test_a_decision_is_made_again(cli, fresh) -> None:
    install = ("install", "crm-to-slack-v1", "--set", "slack_channel=#leads", "--name", fresh)
    plan = cli(*install, "--dry-run", "--json", account="max").json

    done = cli("policy", "replay", plan["policy"]["decision"], account="max")

    assert done.code == 0
    assert "is allowed, as before" in done.out
