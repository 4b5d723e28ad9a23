"""Regions: one place, many spellings."""

import pytest

from connectory.manifest.regions import is_allowed, resolve, spelled_for


@pytest.mark.parametrize("name", ["us-east-1", "us-east1", "eastus"])
def test_spellings_of_one_place_have_one_canon(name: str) -> None:
    assert resolve(name).canonical == "us-east-1"


def test_both_spellings_are_shown_when_they_differ() -> None:
    assert str(resolve("us-east1")) == "us-east1 (us-east-1)"
    assert str(resolve("us-east-1")) == "us-east-1"
    assert str(resolve("moon-1")) == "moon-1"


def test_names_that_look_alike_are_different_places() -> None:
    assert resolve("us-west2").canonical == "us-west-1"
    assert not is_allowed("us-west2", ("us-west-2",))


@pytest.mark.parametrize(
    ("name", "provider", "spelled"),
    [
        ("us-east-1", "cloudrun", "us-east1"),
        ("us-east4", "cloudrun", "us-east4"),
        ("us-east1", "lambda", "us-east-1"),
        ("us-east-1", "azure", "eastus"),
        ("eu-west-1", "cloudrun", None),
        ("us-east-1", "local", "us-east-1"),
        ("moon-1", "cloudrun", "moon-1"),
    ],
)
def test_a_region_is_spelled_as_its_provider_does(
    name: str, provider: str, spelled: str | None
) -> None:
    assert spelled_for(name, provider) == spelled


@pytest.mark.parametrize(
    "name",
    ["US-EAST-1", "us\u2011east\u20111", "us-east-1 ", "\uff55s-east-1", "", "eu-west-1"],
)
def test_only_exact_names_are_allowed(name: str) -> None:
    assert not is_allowed(name, ("us-east-1", "us-west-2"))


def test_an_allowed_region_may_be_spelled_differently() -> None:
    assert is_allowed("us-east1", ("us-east-1",))
    assert is_allowed("us-east-1", ("eastus",))
