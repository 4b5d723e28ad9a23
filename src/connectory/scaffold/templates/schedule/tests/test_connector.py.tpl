"""The connector as the platform runs it, looking at a page of this machine."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from connectory_sdk.testing import Running, running

SOURCE = Path(__file__).parents[1] / "src"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "page.html").write_text("hello")
    answering = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def look_at(page: str) -> Iterator[Running]:
    with running("<<module>>", SOURCE, {"INPUT_PAGE_URL": page}) as process:
        process.wait_until_healthy()
        yield process


@pytest.fixture
def good(site: str) -> Iterator[Running]:
    yield from look_at(f"{site}/page.html")


@pytest.fixture
def bad(site: str) -> Iterator[Running]:
    yield from look_at(f"{site}/nothing.html")


def test_a_page_that_answers_is_healthy(good: Running) -> None:
    tick = {"schedule": "*/5 * * * * UTC", "planned": "2026-11-24T07:00:00Z"}

    assert good.post("/run/schedule", tick).json()["answers"] is True
    good.wait_until_healthy()


def test_health_says_what_is_wrong_with_the_page(bad: Running) -> None:
    assert bad.post("/run").json()["answers"] is False
    assert "the page answers 404" in bad.get("/healthz").text
