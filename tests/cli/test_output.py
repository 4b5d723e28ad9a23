"""Streams and colours."""

from io import StringIO

import pytest

from connectory.cli.output import Output
from connectory.cli.pieces import GOOD, bold


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "colour", "written"),
    [
        (Terminal(), None, "\x1b[32m✓\x1b[0m \x1b[1mleads\x1b[0m\n"),
        (Terminal(), False, "✓ leads\n"),
        (StringIO(), None, "ok leads\n"),
        (StringIO(), True, "\x1b[32mok\x1b[0m \x1b[1mleads\x1b[0m\n"),
    ],
)
def test_colour_and_marks_follow_the_stream(
    stream: StringIO,
    colour: bool | None,  # noqa: FBT001  a parameter of the test
    written: str,
) -> None:
    Output(colour=colour, results=stream).show(GOOD, " ", bold("leads"))

    assert stream.getvalue() == written


def test_quiet_leaves_out_talk_but_no_complaint() -> None:
    talk = StringIO()
    out = Output(quiet=True, talk=talk)

    out.say("talk")
    out.next("connectory list")
    out.complain("error")

    assert talk.getvalue() == "error\n"


def test_a_line_is_written_over_only_on_a_terminal() -> None:
    terminal, pipe = Terminal(), StringIO()

    Output(talk=terminal).live("step")
    Output(talk=pipe).live("step")

    assert terminal.getvalue() == "\r\x1b[Kstep"
    assert pipe.getvalue() == ""


def test_no_color_is_obeyed(cli) -> None:
    assert "\x1b[" in cli("whoami", "--color", "always").out
    assert "\x1b[" not in cli("whoami", NO_COLOR="1").out


def test_pairs_leave_out_what_is_empty() -> None:
    results = StringIO()

    Output(results=results).pairs([("name", "x"), ("reason", "")])

    assert results.getvalue() == "name  x\n"
