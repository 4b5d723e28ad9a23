"""Row B110 in a real browser, without the content policy that would stop it a second time."""

from dataclasses import replace

import pytest

from browsing import Visit
from connectory.web.markdown import to_html
from connectory.web.parts import LogLineView
from connectory.web.render import Frame, render
from connectory.web.samples.catalog_pages import CONNECTOR
from connectory.web.samples.present import NOW
from connectory.web.samples.team_pages import INSTANCE
from payloads import MARKDOWN, TEXTS

pytestmark = pytest.mark.browser

EVERYTHING = [*MARKDOWN.values(), *TEXTS.values()]


@pytest.mark.parametrize("kind", ["connector", "instance"])
def test_b110_what_others_wrote_starts_and_loads_nothing(visit: Visit, kind: str) -> None:
    text = " ".join(EVERYTHING)
    shown = {
        "connector": replace(
            CONNECTOR,
            name=text,
            description=text,
            owner=text,
            tags=tuple(EVERYTHING),
            source=text,
            readme=to_html("\n\n".join(EVERYTHING)),
        ),
        "instance": replace(
            INSTANCE,
            health="failing",
            health_reason=text,
            logs=tuple(LogLineView(n, NOW, t, t, ((t, t),)) for n, t in enumerate(EVERYTHING)),
        ),
    }
    page, _ = visit("about:blank")
    happened: list[str] = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: happened.append(request.url))
    page.on("framenavigated", lambda frame: happened.append(frame.url))

    page.set_content(render(shown[kind], Frame(NOW)))
    page.wait_for_timeout(300)

    assert [one for one in happened if not one.startswith("about:blank")] == []
