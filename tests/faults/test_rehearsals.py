"""A server that dies in the middle of a rehearsal or a try leaves nothing of them."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2

from connectory.gates import traces
from marketplaces import wait_until
from processes import MarketplaceProcess, marketplace_process

VERSION = "/api/v1/connectors/bizops/slack-alerts/versions/1.0.0"


def throwaways(served: MarketplaceProcess) -> list[str]:
    return [path.name for path in (served.data / "throwaways").glob("*")]


def test_a_crash_in_a_rehearsal_is_undone_by_the_next_start(tmp_path: Path) -> None:
    with marketplace_process(tmp_path / "crash") as served:
        served.start(crash_at="rehearse.install.effect", lease_seconds="1")
        begun = served.client.post(f"{VERSION}:rehearse").json()["operation"]
        served.process.wait(60)
        served.kill()  # its client, too
        left = throwaways(served)

        served.start(lease_seconds="1")

        ended = served.ended(begun)
        assert left == [begun]
        assert (ended["state"], ended["error"]["code"]) == ("undone", "rehearsal-interrupted")
        assert throwaways(served) == []
        assert traces.processes(served.data / "throwaways") == ()
        missing = served.client.get(f"{VERSION}/certificate")
        assert missing.json()["code"] == "certificate-missing"


def test_a_crash_in_a_try_is_swept_away_by_the_next_start(tmp_path: Path) -> None:
    with marketplace_process(tmp_path / "crash") as served, ThreadPoolExecutor(1) as other:
        served.start()
        headers = {"Authorization": f"Bearer {served.token}"}
        url = f"{served.ready['url']}{VERSION}:try"
        tried = other.submit(httpx2.post, url, headers=headers, timeout=60)
        wait_until(lambda: traces.processes(served.data / "throwaways") != (), 30)
        served.kill()
        left = throwaways(served)

        served.start()

        assert isinstance(tried.exception(), httpx2.TransportError)
        assert len(left) == 1
        assert throwaways(served) == []
        assert traces.processes(served.data / "throwaways") == ()
