"""A backup is whole, whatever the collector of packages does meanwhile."""

from datetime import timedelta

import pytest

from connectory.app.blob_hold import keeping_all
from connectory.app.jobs import collect
from connectory.packages import store
from connectory.packages.rules import BUNDLE, BUNDLE_TYPE, Package
from marketplaces import Marketplace

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def old_package(shop: Marketplace, content: bytes) -> str:
    """Store a package that nobody needs any more; return its digest."""
    kept = shop.state.backends.blobs.put([content])
    with shop.state.works.write() as work:
        at = work.now - timedelta(days=2)
        store.keep(work, Package(kept.digest, kept.size, BUNDLE_TYPE, BUNDLE, at))
    return kept.digest


def test_nothing_is_collected_while_a_backup_copies(marketplace: Marketplace) -> None:
    digest = old_package(marketplace, b"not needed")
    blobs = marketplace.state.backends.blobs

    with keeping_all(marketplace.state.settings.data):
        collect(marketplace.state)
        is_kept = blobs.has(digest)
    collect(marketplace.state)

    assert (is_kept, blobs.has(digest)) == (True, False)
