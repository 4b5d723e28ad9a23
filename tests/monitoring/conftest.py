"""An instance that is monitored, on databases of both kinds."""

import pytest

from connectory.work import Works
from monitored import Monitored


@pytest.fixture
def leads(works: Works) -> Monitored:
    """The instance `payments/leads`."""
    return Monitored(works)
