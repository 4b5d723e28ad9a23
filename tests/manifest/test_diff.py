"""Differences between two normal forms."""

from connectory.manifest.diff import Change, ChangeKind, diff
from connectory.manifest.loader import load


def test_equal_manifests_have_no_differences(full: str) -> None:
    normal = load(full.encode()).normal

    assert diff(normal, normal) == ()


def test_values_are_matched_by_name_and_text(full: str) -> None:
    old = load(full.encode()).normal
    text = full.replace("tags: [crm, slack,", "tags: [slack, sales,").replace(
        "title: Slack channel", "title: Channel"
    )

    changes = diff(old, load(text.encode()).normal)

    assert changes == (
        Change("inputs[slack_channel].title", ChangeKind.CHANGED, "Slack channel", "Channel"),
        Change("tags[crm]", ChangeKind.REMOVED, old="crm"),
        Change("tags[sales]", ChangeKind.ADDED, new="sales"),
    )


def test_entries_without_a_name_of_their_own_are_matched_by_position() -> None:
    old = {"a": [{"name": "x"}, {"name": "x"}], "b": [1, 2], "c": {"d": 1}}
    new = {"a": [{"name": "x"}, {"name": "y"}, {"name": "x"}], "b": [1, 3], "c": "text"}

    changes = diff(old, new)

    assert [(c.path, c.kind.value) for c in changes] == [
        ("a[1].name", "changed"),
        ("a[2]", "added"),
        ("b[1]", "changed"),
        ("c", "changed"),
    ]
