"""What connectors report is other people's text."""

import time

import pytest

from connectory.monitoring.exposition import read, written

TEXT = """# HELP leads_total Leads \\\\ posted\\nby channel.
# TYPE leads_total counter
leads_total{channel="#a \\"b\\"",kind="x"} 3
# TYPE run_seconds histogram
run_seconds_bucket{le="1"} 2
run_seconds_bucket{le="+Inf"} 3
run_seconds_sum 4.5
run_seconds_count 3
temperature -2.5e1 1700000000
"""


def test_a_text_is_read_and_written_again() -> None:
    report = read(TEXT)

    again = read(written(report.samples))

    assert report.refused == 0
    assert [(one.name, one.value) for one in report.samples] == [
        ("leads_total", 3),
        ("run_seconds_bucket", 2),
        ("run_seconds_bucket", 3),
        ("run_seconds_sum", 4.5),
        ("run_seconds_count", 3),
        ("temperature", -25),
    ]
    assert report.samples[0].labels == {"channel": '#a "b"', "kind": "x"}
    assert report.samples[0].help == "Leads \\ posted\nby channel."
    assert again.samples == report.samples


def test_kinds_are_told_by_the_type_of_the_family() -> None:
    counters = [one.is_counter for one in read(TEXT).samples]

    assert counters == [True, True, True, True, True, False]


@pytest.mark.parametrize(
    "line",
    [
        "two words here",
        'x{a="1" 2',
        'x{a="1"b="2"} 2',
        'x{a="1",a="2"} 2',
        'x{__name__="y"} 2',
        "x",
        "x one",
        "1x 2",
        "x{} ",
        'connectory_instance_health{status="healthy"} 1',
        f'x{{a="{"b" * 3000}"}} 1',
        "x{" + ",".join(f'l{n}="1"' for n in range(17)) + "} 1",
    ],
    ids=lambda line: line[:12].encode().hex(),
)
def test_a_line_that_breaks_the_rules_is_refused_alone(line: str) -> None:
    report = read(f"{line}\nfine 1\n")

    assert ([one.name for one in report.samples], report.refused) == (["fine"], 1)


def test_what_is_no_number_is_left_out() -> None:
    report = read("a NaN\nb +Inf\nc -Inf\nd 1\nd 2\n")

    assert [(one.name, one.value) for one in report.samples] == [("d", 1)]


def test_a_hundred_thousand_series_are_bounded() -> None:
    text = "".join(f'x{{n="{n}"}} 1\n' for n in range(100_000))

    report = read(text, most=200)

    assert (len(report.samples), report.refused) == (200, 99_800)


@pytest.mark.parametrize(
    "text",
    [
        "x{" + "a" * 1_000_000,
        'x{a="' + "\\" * 1_000_000,
        "# HELP " + "x" * 1_000_000,
        "{" * 10**6,
    ],
    ids=["label", "escapes", "help", "braces"],
)
def test_a_text_of_a_megabyte_is_read_at_once(text: str) -> None:
    began = time.monotonic()

    read(text)

    assert time.monotonic() - began < 1
