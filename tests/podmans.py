"""Whether containers can run on the machine that tests."""

import pytest

from connectory.backends.targets.container.podman import unfit

HAS_PODMAN = not unfit()
with_podman = pytest.mark.skipif(not HAS_PODMAN, reason=f"no containers here: {unfit()}")
IN_PODMAN = pytest.param("container", marks=with_podman)
