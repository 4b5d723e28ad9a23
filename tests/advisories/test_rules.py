"""Which versions an advisory concerns: ranges, lists, and what cannot be compared."""

from itertools import pairwise

import pytest

from connectory.advisories.rules import Package, Verdict, judge, severity

YES, NO, UNCLEAR = Verdict.AFFECTED, Verdict.UNAFFECTED, Verdict.UNCLEAR
FIXED = [{"introduced": "0"}, {"fixed": "2.0.0"}]
AGAIN = [{"fixed": "1.2.0"}, {"introduced": "2.0.0"}, {"introduced": "0"}, {"fixed": "2.1.0"}]
LAST = [{"introduced": "1.0.0"}, {"last_affected": "1.4.0"}]


@pytest.mark.parametrize(
    ("ecosystem", "events", "version", "verdict"),
    [
        ("PyPI", FIXED, "1.9", YES),
        ("PyPI", FIXED, "2", NO),
        ("PyPI", FIXED, "2.0.0rc1", YES),
        ("PyPI", FIXED, "1!1.0", NO),
        ("PyPI", FIXED, "2.0.0.post1", NO),
        ("PyPI", FIXED, "yesterday", UNCLEAR),
        ("npm", FIXED, "2.0.0-rc.1", YES),
        ("npm", FIXED, "2.0.0+build", NO),
        ("npm", FIXED, "git+ssh://somewhere", UNCLEAR),
        ("npm", AGAIN, "1.1.9", YES),
        ("npm", AGAIN, "1.5.0", NO),
        ("npm", AGAIN, "2.0.5", YES),
        ("npm", AGAIN, "2.1.0", NO),
        ("npm", LAST, "0.9.0", NO),
        ("npm", LAST, "1.4.0", YES),
        ("npm", LAST, "1.4.1", NO),
        ("npm", [{"introduced": "0"}], "7.0.0", YES),
        ("npm", [{"introduced": "0"}, {"fixed": "soon"}], "7.0.0", UNCLEAR),
        ("Go", FIXED, "0.0.0-20190308221718-c2843e01d9a2", YES),
        ("Debian", FIXED, "1.0-1", YES),
        ("Debian", FIXED, "2.0.0~rc1-1", YES),
        ("Debian", FIXED, "2.0.0-0", NO),
        ("Debian", FIXED, "1:1.0", NO),
        ("Debian", FIXED, "a b", UNCLEAR),
        ("Alpine", FIXED, "2.0.0_rc1-r3", YES),
        ("Alpine", FIXED, "2.0.0-r0", NO),
        ("Alpine", FIXED, "2.0.0a", NO),
        ("Alpine", FIXED, "two", UNCLEAR),
        ("Maven", FIXED, "1.0-1", UNCLEAR),
    ],
)
def test_a_range_covers_what_the_format_says(
    ecosystem: str, events: list, version: str, verdict: Verdict
) -> None:
    entry = {"ranges": [{"type": "ECOSYSTEM", "events": events}]}

    assert judge(entry, Package(ecosystem, "x", version)) is verdict


def test_pre_releases_are_in_the_order_of_semver() -> None:
    order = ["1.0.0-1", "1.0.0-a", "1.0.0-a.1", "1.0.0-a.b", "1.0.0-b.2", "1.0.0-b.11", "1.0.0"]
    for older, newer in pairwise(order):
        entry = {
            "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": newer}]}]
        }

        assert judge(entry, Package("npm", "x", older)) is YES
        assert judge(entry, Package("npm", "x", newer)) is NO


@pytest.mark.parametrize(("version", "verdict"), [("1.0-1", YES), ("1.0-2", NO)])
def test_a_list_of_versions_needs_no_order(version: str, verdict: Verdict) -> None:
    assert judge({"versions": ["1.0-1"]}, Package("Debian:12", "x", version)) is verdict


def test_an_entry_that_says_nothing_of_versions_is_unclear() -> None:
    only_commits = {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}

    assert judge(only_commits, Package("PyPI", "x", "1.0")) is UNCLEAR


def test_severity_is_named_as_everywhere_else() -> None:
    said = [
        severity({"database_specific": {"severity": one}}) for one in ("MODERATE", "LOW", 3)
    ]

    assert said == ["medium", "low", ""]
