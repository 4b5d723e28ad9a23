"""The shipped rules: each explains itself, and the starters keep them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectory.manifest import loader
from connectory.policy import bundle, judge
from connectory.policy.bundle import Bundle
from connectory.policy.document import DEPLOY, Circumstances, document
from connectory.policy.engine import Engine

ROOT = Path(__file__).parents[2]
STARTERS = sorted(one.parent.name for one in (ROOT / "starters").glob("*/manifest.yaml"))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shipped(engine: Engine) -> Bundle:
    return bundle.read(bundle.SHIPPED, engine)


def test_every_rule_says_why_and_what_to_do(shipped: Bundle) -> None:
    silent = [
        rule
        for rule in shipped.rules
        if (about := shipped.about.get(rule)) is None
        or not all((about.title, about.reason, about.fix, about.controls))
    ]

    assert silent == []


def test_every_file_has_tests(shipped: Bundle) -> None:
    tested = {name.rpartition(".")[0].removesuffix("_test") for name in shipped.tests}

    assert {rule.rpartition(".")[0] for rule in shipped.rules} == tested


@pytest.mark.parametrize("starter", STARTERS)
def test_starters_keep_the_rules_in_production(starter, shipped, engine) -> None:
    manifest = (ROOT / "starters" / starter / "manifest.yaml").read_bytes()
    given = document(
        loader.load(manifest),
        Circumstances(DEPLOY, "prod"),
        status="approved",
        bases=["python:3.11-slim-bookworm"],
    )

    assert judge.judge(shipped, given, engine).said == ()


@pytest.mark.parametrize(
    ("region", "messages"),
    [
        ("us-east1", []),
        ("eastus", []),
        ("europe-west3", ["the region europe-west3 (eu-central-1) is not one of"]),
        ("us-west2", ["the region us-west2 (us-west-1) is not one of"]),
    ],
)
def test_regions_are_compared_in_one_spelling(region, messages, shipped, engine) -> None:
    manifest = (ROOT / "starters/slack-alerts/manifest.yaml").read_text()
    moved = manifest.replace("region: us-east-1", f"region: {region}")

    said = judge.judge(
        shipped, document(loader.load(moved.encode()), Circumstances()), engine
    ).said

    assert [one.message[: len(text)] for one, text in zip(said, messages, strict=True)] == (
        messages
    )
