from connectory.client.event_stream import Event, events_in


def read(text: str) -> list[Event]:
    return list(events_in(text.encode().splitlines(keepends=True)))


def test_an_event_has_the_fields_of_its_lines() -> None:
    text = "id: 7\r\nevent: log\r\ndata: one\r\ndata:two\r\n\r\n"

    assert read(text) == [Event("7", "log", "one\ntwo")]


def test_an_event_without_an_id_goes_on_with_the_last_one() -> None:
    assert read("id: 7\ndata: a\n\ndata: b\n\n") == [
        Event("7", "message", "a"),
        Event("7", "message", "b"),
    ]


def test_comments_and_unknown_fields_are_skipped() -> None:
    assert read(": still here\n\nretry: 5\n\nevent: x\n\ndata: a\n\n") == [
        Event("", "message", "a")
    ]


def test_an_event_that_was_cut_off_is_none() -> None:
    assert read("data: a\n\nid: 8\ndata: b\n") == [Event("", "message", "a")]
