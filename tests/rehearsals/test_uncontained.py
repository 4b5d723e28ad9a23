"""Where nothing contains connectors nobody tries them, unless the settings say so."""

from collections.abc import Iterator

import pytest

from demos import live_demo
from trials import STARTER, Trials

PAGE = "/c/bizops/slack-alerts@1.0.0"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def trials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trials]:
    place = tmp_path_factory.mktemp("open") / "data"
    with live_demo(place, local_sandbox="off", anonymous_try=True) as live:
        yield Trials(live)


@pytest.mark.parametrize("by", ["max", ""], ids=["signed-in", "anonymous"])
def test_without_a_sandbox_a_try_is_refused_with_the_reason(trials: Trials, by: str) -> None:
    answer = trials.api("POST", f"{STARTER}:try", by=by)
    page = trials.ask("GET", PAGE, by=by, headers=HTML).text

    assert (answer.status_code, answer.json()["code"]) == (503, "try-uncontained")
    assert "Connectors cannot be contained on this machine" in page
    assert "Try with sample data" not in page
    assert trials.left_over() == []


def test_who_is_not_signed_in_may_try_where_the_settings_say_so(trials: Trials) -> None:
    trials.live.state.tries._uncontained = True

    page = trials.ask("GET", PAGE, by="", headers=HTML).text
    tried = trials.ask("POST", f"{PAGE}/try", by="", headers=HTML)
    from_elsewhere = trials.ask(
        "POST", f"{PAGE}/try", by="", headers={"Origin": "https://evil.example"}
    )

    trials.live.state.tries._uncontained = False
    assert "Try with sample data" in page
    assert tried.status_code == 200
    assert "It was not contained" in tried.text
    assert from_elsewhere.json()["code"] == "cross-site"
    assert trials.left_over() == []
