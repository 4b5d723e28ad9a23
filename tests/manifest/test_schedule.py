"""Schedules in manifests: what is accepted, what is refused and how."""

import pytest

from connectory.manifest.errors import ManifestError
from connectory.manifest.loader import load
from connectory.manifest.runtime import Trigger

WEBHOOK = "type: webhook, path: /lead"
WRONG = {
    "cron": ("type: schedule, cron: daily", "bad-cron"),
    "cron-range": ('type: schedule, cron: "99 * * * *"', "bad-cron"),
    "cron-step": ('type: schedule, cron: "*/0 * * * *"', "bad-cron"),
    "cron-span": ('type: schedule, cron: "9-5 * * * *"', "bad-cron"),
    "cron-never": ('type: schedule, cron: "0 0 31 2 *"', "bad-cron"),
    "cron-seconds": ('type: schedule, cron: "0 0 7 * * *"', "bad-cron"),
    "cron-names": ('type: schedule, cron: "0 7 * * MON"', "bad-cron"),
    "timezone": ('type: schedule, cron: "@daily", timezone: Europe/Berlim', "unknown-timezone"),
    "timezone-path": (
        'type: schedule, cron: "@daily", timezone: ../../etc/passwd',
        "unknown-timezone",
    ),
    "timezone-offset": (
        'type: schedule, cron: "@daily", timezone: "+01:00"',
        "unknown-timezone",
    ),
    "timezone-webhook": ("type: webhook, path: /lead, timezone: UTC", "unknown-field"),
    "jitter": ('type: schedule, cron: "@daily", jitter: a while', "bad-duration"),
    "jitter-long": ('type: schedule, cron: "*/5 * * * *", jitter: 5m', "jitter-too-long"),
    "misfire": ('type: schedule, cron: "@daily", misfire: always', "unknown-value"),
    "cron-twice": (
        'type: schedule, cron: "@daily"}, {type: schedule, cron: "@daily", timezone: UTC',
        "duplicate-name",
    ),
}
RIGHT = {
    "cron": 'type: schedule, cron: "*/5 6-18 1,15 * 1-5"',
    "schedule": (
        'type: schedule, cron: "0 7 * * *", timezone: Europe/Berlin, jitter: 5m, misfire: skip'
    ),
    "two": (
        'type: schedule, cron: "@daily"}, {type: schedule, cron: "@daily", timezone: Asia/Aden'
    ),
    "cron-name": 'type: schedule, cron: "@daily"',
}


def triggers_of(text: str) -> tuple[Trigger, ...]:
    return load(text.encode()).manifest.triggers


@pytest.mark.parametrize(("trigger", "code"), WRONG.values(), ids=WRONG)
def test_a_wrong_schedule_is_refused(full: str, trigger: str, code: str) -> None:
    with pytest.raises(ManifestError) as refused:
        triggers_of(full.replace(WEBHOOK, trigger))

    assert code in {problem.code for problem in refused.value.problems}


@pytest.mark.parametrize("trigger", RIGHT.values(), ids=RIGHT)
def test_a_right_schedule_is_accepted(full: str, trigger: str) -> None:
    assert triggers_of(full.replace(WEBHOOK, trigger))[0].type == "schedule"


@pytest.mark.parametrize(
    ("cron", "hint"),
    [
        ("0 0 7 * * *", "leave the seconds out"),
        ("* * * * * *", "once a minute is the most"),
        ("daily", "or @daily"),
        ("0 0 31 2 *", "correct the day or the month"),
    ],
)
def test_a_bad_cron_line_has_a_place_and_a_way_out(full: str, cron: str, hint: str) -> None:
    text = full.replace(WEBHOOK, f'type: schedule, cron: "{cron}"')

    with pytest.raises(ManifestError) as refused:
        load(text.encode())

    (problem,) = refused.value.problems
    assert (problem.code, problem.path) == ("bad-cron", "triggers[0].cron")
    assert hint in problem.hint
    assert problem.line is not None


def test_a_zone_that_is_nearly_right_is_suggested(full: str) -> None:
    text = full.replace(WEBHOOK, 'type: schedule, cron: "@daily", timezone: Europe/Berlim')

    with pytest.raises(ManifestError) as refused:
        load(text.encode())

    assert "Europe/Berlin" in refused.value.problems[0].hint


def test_a_schedule_says_its_zone_jitter_and_what_becomes_of_missed_runs(full: str) -> None:
    asked = 'type: schedule, cron: "0 7 * * *", timezone: Asia/Tokyo, jitter: 5m, misfire: skip'
    plain = 'type: schedule, cron: "@daily"'

    first, second = (triggers_of(full.replace(WEBHOOK, text))[0] for text in (asked, plain))

    assert (first.schedule, first.jitter_s, first.makes_up) == (
        "0 7 * * * Asia/Tokyo",
        300,
        False,
    )
    assert (second.schedule, second.jitter_s, second.makes_up) == ("@daily UTC", 0, True)
