"""Permissions in words."""

from connectory.manifest.loader import load
from connectory.manifest.permissions import in_words

MORE = """\
  cloud:
    - {provider: aws, actions: ["ce:GetCostAndUsage"], resource: the account}
    - {provider: erp, actions: [read]}
"""


def test_permissions_are_told_in_words(full: str) -> None:
    text = full.replace("permissions:\n", "permissions:\n" + MORE).replace(
        "  - name: crm_api_key\n", "  - name: crm_api_key\n    description: reads leads\n"
    )

    words = in_words(load(text.encode()).manifest)

    assert words.will == (
        "post messages to Slack (scope chat:write)",
        "read the costs of the AWS account (action ce:GetCostAndUsage on the account)",
        "use read at erp (action read)",
        "read from the CRM",
        "write to Slack",
        "handle data about people",
        "handle confidential data",
        "use your team's secret crm_api_key (reads leads)",
        "receive calls at /lead, which need the key of the instance",
        "reach api.crm.example.com, slack.com",
    )
    assert words.will_not == (
        "reach any other address on the network",
        "open ports to the outside",
        "see other teams' secrets",
    )


def test_without_hosts_there_is_no_network(brief: str) -> None:
    words = in_words(load((brief + "triggers: [manual]\n").encode()).manifest)

    assert words.will == (
        "use your team's secret crm_api_key",
        "run when somebody starts it",
    )
    assert words.will_not[0] == "reach any address on the network"
