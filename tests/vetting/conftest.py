"""A marketplace whose versions are reviewed."""

import pytest

from marketplaces import Marketplace
from reviewing import staff


@pytest.fixture
def shop(marketplace: Marketplace) -> Marketplace:
    """A marketplace with one reviewer of each kind."""
    staff(marketplace)
    return marketplace
