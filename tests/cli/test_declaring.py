"""export, import: the instances of a team as a file, and the file made true."""

from pathlib import Path

import pytest

INSTANCE = """\
schema_version: "1"
team: payments
instances:
  - name: {name}
    connector: bizops/crm-to-slack-v1
    version: 1.3.0
    environment: dev
    inputs:
      slack_channel: "{channel}"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "instances.yaml"


def declare(file: Path, name: str, channel: str = "#leads") -> str:
    file.write_text(INSTANCE.format(name=name, channel=channel))
    return str(file)


def test_what_is_exported_is_as_it_is_there(cli, installed: str, file: Path) -> None:
    exported = cli("export", "--team", "payments", account="max")
    file.write_text(exported.out)
    done = cli("import", str(file), "--dry-run", account="max")

    assert exported.code == 0
    assert f"- name: {installed}" in exported.out
    assert 'slack_channel: "#leads"' in exported.out
    assert done.out.endswith("ok payments is as the file says\n")


def test_an_instance_is_installed_and_changed_as_a_file_says(
    cli, fresh: str, file: Path
) -> None:
    installed = cli("import", declare(file, fresh), "--yes", account="max")
    shown = cli("import", declare(file, fresh, "#other"), "--dry-run", account="max")
    changed = cli("import", str(file), "--yes", "--json", account="max")
    again = cli("import", str(file), "--yes", account="max")
    cli("uninstall", fresh, "--yes", "--confirm", fresh, account="max")

    assert f"+ payments/{fresh}   bizops/crm-to-slack-v1 1.3.0\n" in installed.out
    assert f"~ payments/{fresh}   slack_channel: #leads -> #other\n" in shown.out
    done = {one["instance"]: one for one in changed.json["items"]}
    assert done[fresh]["operation"]["state"] == "succeeded"
    assert f"= payments/{fresh}\n" in again.out
    assert again.out.endswith("ok payments is as the file says\n")


def test_nothing_is_begun_if_one_of_them_cannot_be_done(cli, fresh: str, file: Path) -> None:
    declare(file, fresh)
    more = INSTANCE.format(name=f"{fresh}-b", channel="no-channel").partition("instances:\n")[2]
    file.write_text(file.read_text() + more)

    done = cli("import", str(file), "--yes", account="max")
    there = cli("list", "--team", "payments", account="max")

    assert done.code == 5
    assert f"nothing was changed, because of {fresh}-b" in done.err
    assert fresh not in there.out


def test_an_instance_of_another_connector_is_a_conflict(
    cli, installed: str, file: Path
) -> None:
    declare(file, installed)
    file.write_text(file.read_text().replace("crm-to-slack-v1", "slack-alerts"))

    done = cli("import", str(file), "--yes", account="max")

    assert done.code == 6
    assert f"payments/{installed} has the connector bizops/crm-to-slack-v1" in done.err


def test_every_fault_of_a_file_is_told_with_its_line(offline, file: Path) -> None:
    text = INSTANCE.format(name="leads", channel="#leads")
    twice = text + text.partition("instances:\n")[2]
    file.write_text(twice.replace("environment:", "enviroment:", 1))
    unknown = offline("import", str(file), "--json")
    file.write_text(twice)
    repeated = offline("import", str(file))

    assert unknown.code == 2
    assert "enviroment" in unknown.out + unknown.err
    assert repeated.code == 2
    assert "leads is declared twice" in repeated.err


def test_a_change_needs_a_yes_where_nobody_can_be_asked(cli, fresh: str, file: Path) -> None:
    done = cli("import", declare(file, fresh), account="max")

    assert done.code == 2
    assert "hint: add --yes" in done.err
