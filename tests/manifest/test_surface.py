"""The exposure surface and how it grows."""

from connectory.manifest.loader import load
from connectory.manifest.surface import surface

CLOUD = """\
  cloud:
    - {provider: aws, actions: ["ce:GetCostAndUsage"]}
    - {provider: aws, actions: ["s3:GetObject"], resource: "arn:aws:s3:::a/*"}
"""


def test_the_surface_names_everything_that_can_be_touched(full: str) -> None:
    text = full.replace("permissions:\n", "permissions:\n" + CLOUD)

    found = surface(
        load(text.replace("region: us-east-1", "region: us-west1").encode()).manifest
    )

    assert found.as_json() == {
        "secrets": ["crm_api_key"],
        "oauth_scopes": ["slack chat:write"],
        "cloud_actions": [
            "aws ce:GetCostAndUsage on everything",
            "aws s3:GetObject on arn:aws:s3:::a/*",
        ],
        "hosts": ["api.crm.example.com", "slack.com"],
        "regions": ["us-east-1", "us-west-2"],
        "data_classes": ["confidential", "personal-data"],
        "triggers": ["webhook /lead"],
    }


def test_what_is_not_declared_is_not_in_the_surface(brief: str) -> None:
    start, end = brief.index("secrets:"), brief.index("vetting_status:")

    assert surface(load((brief[:start] + brief[end:]).encode()).manifest).is_empty


def test_growth_is_what_the_older_version_had_not(full: str) -> None:
    older = surface(load(full.encode()).manifest)
    text = full.replace("[slack.com,", "[evil.example,").replace(
        "{type: webhook", "manual, {type: webhook"
    )
    newer = surface(load(text.encode()).manifest)

    grown = newer.grown_since(older)

    assert grown.hosts == {"evil.example"}
    assert grown.triggers == {"manual"}
    assert grown.secrets == set()
    assert not grown.is_empty
    assert older.grown_since(older).is_empty
