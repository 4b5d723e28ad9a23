"""Text for a terminal."""

from connectory.cli.pieces import GOOD, Piece, aligned, one_line, shown, width


def test_columns_stand_in_line_whatever_their_texts_are() -> None:
    rows = aligned([["a", "b"], ["long", "c"], ["漢字", "d"]], rich=False)

    texts = ["".join(shown(part, rich=False) for part in row) for row in rows]

    assert texts == ["a     b", "long  c", "漢字  d"]


def test_the_last_column_is_cut_to_the_width_of_the_terminal() -> None:
    (row,) = aligned([["name", "x" * 100]], rich=True, columns=40)

    line = "".join(shown(part, rich=True) for part in row)

    assert width(line) == 40
    assert line.endswith("…")


def test_the_last_column_is_whole_where_there_is_no_terminal() -> None:
    (row,) = aligned([["name", "x" * 100]], rich=False)

    assert row[-1] == "x" * 100


def test_marks_are_ascii_where_there_is_no_terminal() -> None:
    assert shown(GOOD, rich=True) == "✓"
    assert shown(GOOD, rich=False) == "ok"


def test_a_tone_without_plain_text_shows_the_same_everywhere() -> None:
    assert shown(Piece("name", "bold"), rich=False) == "name"


def test_a_text_of_several_lines_becomes_one() -> None:
    assert one_line("a\nb\tc\r\n d") == "a b c  d"


def test_combining_marks_take_no_column() -> None:
    assert width("e\u0301") == 1
