"""docs/reference/events.md: every kind of row that the event log can hold."""

import dataclasses
from collections.abc import Iterator

from markdown_table import code, sentence, table
from reference_errors import all_errors

from connectory.work import Event

HEAD = """\
# Events

The kinds of rows in the [event log](../concepts/events.md), as `GET /api/v1/audit` and
`connectory audit` show them. Every row also has `id`, `position`, `subject`, `team`, `actor`,
`via`, `request` and `at`.

"""
COMMON = {"subject", "team"}


def events_page() -> str:
    """Return the page."""
    rows = [
        (code(event.kind()), sentence(event.__doc__), ", ".join(facts(event)))
        for event in sorted(all_events(), key=lambda event: event.kind())
    ]
    return HEAD + table(("kind", "what happened", "facts"), rows)


def all_events() -> Iterator[type[Event]]:
    """Yield every class of event.

    `slots=True` makes a dataclass anew, and the first making lives until it is collected; the
    last of a name is the one that is used.
    """
    list(all_errors())  # imports every module
    own = [one for one in Event.__subclasses__() if one.__module__.startswith("connectory.")]
    yield from {event.kind(): event for event in own}.values()


def facts(event: type[Event]) -> Iterator[str]:
    """Yield what a kind of event says beside the common fields."""
    for field in dataclasses.fields(event):
        if field.name not in COMMON:
            yield code(field.name)
