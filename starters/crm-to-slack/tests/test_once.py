"""Events that are delivered more than once."""

import pytest
from crm_to_slack.once import Once

from connectory_sdk import TryLaterError


def handled(events: Once, event: str) -> bool:
    with events.claim(event) as is_new:
        return is_new


def test_an_event_is_new_once() -> None:
    events = Once()

    assert [handled(events, "a"), handled(events, "a"), handled(events, "b")] == [
        True,
        False,
        True,
    ]


def test_an_event_that_failed_is_new_again() -> None:
    events = Once()

    with pytest.raises(KeyError), events.claim("a"):
        raise KeyError

    assert handled(events, "a")


def test_an_event_that_is_being_handled_is_put_off() -> None:
    events = Once()

    with events.claim("a"), pytest.raises(TryLaterError), events.claim("a"):
        pass


def test_only_so_many_events_are_remembered() -> None:
    events = Once(remembered=2)

    for event in "abc":
        handled(events, event)

    assert handled(events, "a")
    assert not handled(events, "c")
