"""Connectors as people name them."""

import pytest

from connectory.client.catalog import BadReferenceError, Reference


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("leads", Reference("leads")),
        ("bizops/leads", Reference("leads", "bizops")),
        ("leads@1.2.0", Reference("leads", "", "1.2.0")),
        ("bizops/leads@1.2.0", Reference("leads", "bizops", "1.2.0")),
    ],
)
def test_a_connector_is_named_in_four_ways(text: str, reference: Reference) -> None:
    assert Reference.parse(text) == reference


@pytest.mark.parametrize("text", ["", "@1.0.0", "leads@", "/leads", "a/b/c", "bizops/"])
def test_what_names_no_connector_is_refused(text: str) -> None:
    with pytest.raises(BadReferenceError):
        Reference.parse(text)
