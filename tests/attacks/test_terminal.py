"""Other people's text on a terminal, and secrets that must not get there (B116 to B118)."""

from io import StringIO

import pytest

from connectory.cli.output import Output
from connectory.cli.pieces import bold, clean
from connectory.client import trace

HOSTILE = {
    "B116-window-title": "\x1b]0;root shell\x07lead",
    "B116-cursor": "\x1b[2J\x1b[1;1Hlead",
    "B116-c1": "\x9b31mlead",
    "B116-backspaces": "denied\b\b\b\b\b\blead",
    "B116-direction": "\u202elead\u2066",
    "B116-carriage-return": "error\rlead",
}


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_hostile_text_controls_the_terminal(text: str) -> None:
    terminal = Terminal()

    Output(colour=False, results=terminal).show(bold(text), " ", text)

    written = terminal.getvalue()

    assert written.rstrip("\n").isprintable()
    assert "lead" in written


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_nothing_of_a_hostile_text_controls_the_terminal_as_json(text: str) -> None:
    terminal = Terminal()

    Output(as_json=True, results=terminal).document({"name": text})

    assert terminal.getvalue().replace("\n", "").isprintable()


def test_b116_a_log_message_cannot_forge_a_second_line() -> None:
    terminal = Terminal()

    Output(results=terminal).show(bold("first\n2026-11-24T00:00:00Z ERROR forged"))

    assert terminal.getvalue().count("\n") == 1


@pytest.mark.parametrize("text", ["[bold red]APPROVED[/]", "[link=http://x]y[/link]", "[/x]"])
def test_b117_markup_is_printed_as_it_is(text: str) -> None:
    terminal = Terminal()

    Output(results=terminal).show(text)

    assert terminal.getvalue() == f"{text}\n"


def test_b118_the_exchange_masks_every_field_that_can_hold_a_secret() -> None:
    canary = "canary-6f1d"
    body = {"name": "x", "value": canary, "items": [{"token": canary}]}

    lines = trace.request_lines("PUT", f"http://h/hooks/a/b?key={canary}", body, signed_in=True)

    assert canary not in "\n".join(lines)
    assert "***" in lines[0]


def test_b118_the_exchange_masks_answers_too() -> None:
    content = b'{"token": "canary-6f1d", "url": "http://h/sign-in?key=canary-6f1d"}'

    lines = trace.answer_lines("201 Created", {"content-type": "application/json"}, content)

    assert "canary-6f1d" not in "\n".join(lines)


def test_line_breaks_and_tabs_survive_cleaning() -> None:
    assert clean("a\n\tb") == "a\n\tb"
