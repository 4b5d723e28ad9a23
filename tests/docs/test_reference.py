"""The reference lists what exists and nothing else."""

import pytest
import reference
import reference_errors
import reference_events
import reference_http
import reference_settings
from click import Group

from connectory.cli.commands import COMMANDS
from connectory.settings import Settings


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_reference_page_says_what_the_code_says(name: str) -> None:
    stored = (reference.REFERENCE / name).read_text()

    assert stored == reference.PAGES[name](), "run ./dev docs"


def test_every_error_has_a_row_of_its_own() -> None:
    codes = [error.code for error in reference_errors.all_errors()]

    page = reference_errors.errors_page()

    assert len(codes) == len(set(codes))
    assert all(f"| `{code}` | " in page for code in codes)


def test_every_setting_has_a_row() -> None:
    listed = {row[0] for row in reference_settings.settings()}

    assert listed == {f"`CONNECTORY_{name.upper()}`" for name in Settings.__slots__}


def test_every_event_says_what_happened() -> None:
    silent = [event.kind() for event in reference_events.all_events() if not event.__doc__]

    assert silent == []


def test_every_route_names_who_may_call_it() -> None:
    known = {who for who, _ in reference_http.callers()}

    open_to_nobody = [
        route.path
        for route in reference_http.api_routes()
        if reference_http.who(route) not in known
    ]

    assert open_to_nobody == []


def test_every_command_shows_an_example() -> None:
    commands = [entry.load() for entry in COMMANDS.values()]
    commands += [
        verb
        for group in commands
        if isinstance(group, Group)
        for verb in group.commands.values()
    ]

    silent = [command.name for command in commands if "Example:" not in (command.help or "")]

    assert silent == []
