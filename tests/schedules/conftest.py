"""The instances of one database, on both kinds, with a clock that is set by hand."""

import pytest

from connectory.work import Works
from timetables import Times


@pytest.fixture
def times(works: Works) -> Times:
    return Times(works)
