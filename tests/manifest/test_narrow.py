"""A manifest that declares less, and is otherwise as its author wrote it."""

import pytest

from connectory.manifest import loader
from connectory.manifest.narrow import Less, narrowed

HEAD = """\
# ours
id: lead-alerts
name: Lead alerts
version: 1.3.0  # raised by hand
description: Sends new CRM leads to a team Slack channel
owner: bizops@example.com
runtime: {type: serverless, resources: {memory: 256Mi}}  # plenty
"""
BLOCKS = """\
secrets:
  # of the CRM
  - name: crm_key   # read only
    description: Key of the CRM
  # of Slack
  - slack_token
permissions:
  # all hosts
  allowed_hosts:
    - crm.example.com   # the CRM
    # for posting
    - slack.com
    - "hooks.slack.com"

tags: [crm]
"""
BRACKETS = """\
permissions: {allowed_hosts: [crm.example.com, "slack.com", 'hooks.slack.com']}
secrets: [crm_key, {name: slack_token, description: "a ] in quotes"}]
"""


def of(body: str, *, hosts: str = "", secrets: str = "", memory: str = "") -> str:
    less = Less(frozenset(hosts.split()), frozenset(secrets.split()), memory)
    changed = narrowed(loader.load((HEAD + body).encode()), less)
    assert changed is not None
    return changed.decode()


def test_lines_of_their_own_go_and_all_others_stay() -> None:
    found = of(BLOCKS, hosts="slack.com", secrets="crm_key")

    gone = ["  - name: crm_key   # read only", "    description: Key of the CRM"]
    gone += ["    - slack.com"]
    expected = [line for line in (HEAD + BLOCKS).splitlines() if line not in gone]
    assert found.splitlines() == [line.replace("1.3.0", "1.4.0") for line in expected]


def test_the_last_entry_goes_without_what_follows() -> None:
    found = of(BLOCKS, hosts="hooks.slack.com")

    assert "    - slack.com\n\ntags: [crm]\n" in found
    assert "version: 1.3.1  # raised by hand" in found


def test_a_list_that_loses_all_is_empty() -> None:
    found = of(BLOCKS, hosts="crm.example.com slack.com hooks.slack.com")

    assert "  allowed_hosts: []\n" in found
    assert loader.load(found.encode()).manifest.hosts == ()


def test_entries_in_brackets_go() -> None:
    found = of(BRACKETS, hosts="crm.example.com hooks.slack.com", secrets="slack_token")

    assert 'permissions: {allowed_hosts: ["slack.com"]}\n' in found
    assert "secrets: [crm_key]\n" in found


def test_less_memory_is_written_in_its_place() -> None:
    found = of(BRACKETS, memory="96Mi")

    assert "runtime: {type: serverless, resources: {memory: 96Mi}}  # plenty" in found


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param("secrets:\n  -\n    a_key\n  - b_key\n", id="value below its dash"),
        pytest.param("secrets: [a_key, # why\n  b_key]\n", id="comment in brackets"),
    ],
)
def test_what_cannot_be_changed_alone_is_changed_rightly_or_not_at_all(odd: str) -> None:
    changed = narrowed(loader.load((HEAD + odd).encode()), Less(secrets=frozenset({"a_key"})))

    if changed is not None:
        assert [one.name for one in loader.load(changed).manifest.secrets] == ["b_key"]
