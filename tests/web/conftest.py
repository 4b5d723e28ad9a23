"""Sample pages, as HTML."""

from collections.abc import Callable

import pytest

from connectory.web.render import Frame, render
from connectory.web.samples.pages import PAGES
from connectory.web.samples.present import NOW

FRAME = Frame(now=NOW, account="max", teams=("payments",), version="0.1.0")


@pytest.fixture(scope="session")
def html() -> Callable[[str], str]:
    """Render a sample page by name."""
    return lambda name: render(PAGES[name](), FRAME)
