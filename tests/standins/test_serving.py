import json
import subprocess
import sys
from pathlib import Path

import pytest

from connectory.standins import SECRETS, StandIns, run_all
from connectory.standins.serving import RateLimit


def test_it_listens_on_loopback_on_the_port_it_is_given(tmp_path: Path) -> None:
    first = run_all(tmp_path, {})
    ports = {name: int(url.rpartition(":")[2]) for name, url in first.urls.items()}
    first.stop()

    second = run_all(tmp_path, ports)
    second.stop()

    assert second.urls == first.urls
    assert all(url.startswith("http://127.0.0.1:") for url in first.urls.values())


def test_a_taken_port_is_an_error_and_leaves_nothing_running(
    standins: StandIns, tmp_path
) -> None:
    taken = int(standins.urls["crm"].rpartition(":")[2])

    with pytest.raises(OSError, match="in use"):
        run_all(tmp_path, {"crm": taken})


def test_the_next_answers_fail_as_told(crm, standins: StandIns, ask) -> None:
    fail = {"status": 429, "times": 2, "retry_after": 3}
    ask("POST", standins.urls["crm"] + "/_fail", fail)

    first, second, third = (crm("GET", "/v1/leads") for _ in range(3))

    assert [first[0], second[0], third[0]] == [429, 429, 200]
    assert first[1]["Retry-After"] == "3"
    assert first[2]["error"]["code"] == "rate_limited"


def test_a_failure_can_have_a_code_of_the_vendor(standins: StandIns, ask) -> None:
    fail = {"status": 200, "error": "account_inactive"}
    ask("POST", standins.urls["slack"] + "/_fail", fail)

    _, _, content = ask("POST", standins.urls["slack"] + "/api/auth.test")

    assert content == {"ok": False, "error": "account_inactive"}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        ({"status": 200}, 422),
        ({"status": 999}, 422),
        ({"status": "429"}, 422),
        ({"status": 500, "times": 0}, 422),
        ({"status": 500, "error": 5}, 422),
        ({"status": 500, "retry_after": "soon"}, 422),
    ],
)
def test_a_failure_that_makes_no_sense_is_refused(
    standins: StandIns, ask, wanted: object, status: int
) -> None:
    assert ask("POST", standins.urls["slack"] + "/_fail", wanted)[0] == status


def test_a_browser_may_not_use_the_switches(standins: StandIns, ask) -> None:
    url = standins.urls["slack"] + "/_received"

    assert ask("GET", url, Origin="http://evil.example")[0] == 403
    assert ask("GET", url, Host="evil.example")[0] == 421


def test_an_unknown_switch_is_refused(standins: StandIns, ask) -> None:
    assert ask("POST", standins.urls["crm"] + "/_unknown", {})[0] in {401, 404}


def test_a_large_body_is_refused(standins: StandIns, ask) -> None:
    url = standins.urls["crm"] + "/v1/leads"

    assert ask("POST", url, Content_Length="9999999")[0] == 413
    assert ask("POST", url, Content_Length="x")[0] == 413


def test_a_rate_limit_allows_so_many_calls_per_second_and_key() -> None:
    now = [10.0]
    limit = RateLimit(2, lambda: now[0])

    burst = [limit.allows("a") for _ in range(3)]
    other = limit.allows("b")
    now[0] = 11.0

    assert burst == [True, True, False]
    assert other
    assert limit.allows("a")


@pytest.mark.parametrize("name", ["slack", "crm"])
def test_one_can_run_in_the_foreground(name: str, ask) -> None:
    command = [sys.executable, "-m", "connectory.standins", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[-1]
        _, _, received = ask("GET", f"{url}/_received")
        process.terminate()

    assert received == []
    assert process.returncode == 0


def test_all_can_run_in_the_foreground_and_say_how_to_reach_them(ask) -> None:
    command = [sys.executable, "-m", "connectory.standins", "all"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = json.loads(process.stdout.readline())
        _, _, received = ask(
            "GET", said["inputs"]["slack_api_url"].replace("/api/", "/_received")
        )
        process.terminate()

    assert received == []
    assert said["secrets"] == dict(SECRETS)
    assert process.returncode == 0
