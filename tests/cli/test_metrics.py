"""metrics, alerts: the numbers of an instance, and what wakes somebody."""

import json

from connectory.cli.metrics import _line
from marketplaces import wait_until


def test_the_last_numbers_are_shown_with_what_was_before(cli, installed: str) -> None:
    def metrics(*flags: str):
        return cli("metrics", installed, "--since", "1h", *flags, account="max")

    # One that did not answer in time is asked again half a minute later.
    wait_until(lambda: len(json.loads(metrics("--json").out)["series"]) > 1, seconds=60)
    shown = metrics()

    assert "process_resident_memory_bytes" in shown.out
    assert shown.out.isascii()
    assert f"connectory alerts payments/{installed}" in shown.err


def test_alerts_are_shown_in_the_words_of_the_manifest(cli, installed: str) -> None:
    shown = cli("alerts", installed, account="max")
    listed = cli("alerts", installed, "--json", account="max").json

    assert "errors over 5 % for 10 minutes" in shown.out
    assert "InstanceFailing" in shown.out
    assert next(one["severity"] for one in listed["items"]) == "page"


def test_values_are_drawn_as_bars_and_told_as_a_range() -> None:
    drawn = _line([0, 1, 3.5, 7])

    assert (drawn.text, drawn.plain) == ("▁▂▅█", "0 to 7")
    assert _line([2, 2]).text == "▁▁"
