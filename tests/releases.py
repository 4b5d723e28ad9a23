"""Further versions of the starters, made from the packages that are shipped."""

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path

from connectory.gates.archive import pack
from marketplaces import Marketplace
from processes import MarketplaceProcess

STARTERS = Path(__file__).parents[1] / "src/connectory/starters"
CRM_TO_SLACK = "crm-to-slack-v1"


def files_of(package: Path) -> dict[str, bytes]:
    """Return the files of a package."""
    with tarfile.open(package) as archive:
        members = [each for each in archive.getmembers() if each.isfile()]
        return {each.name: archive.extractfile(each).read() for each in members}


def packed_with(package: Path, changed: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return a package with other files in it, and its manifest, as they are uploaded."""
    files = {**files_of(package), **changed}
    content = io.BytesIO()
    pack(files, content)
    return {"manifest": files["manifest.yaml"], "package": content.getvalue()}


def publish(
    shop: Marketplace | MarketplaceProcess,
    version: str,
    changed: Mapping[str, str] | None = None,
    *,
    approve: bool = True,
) -> str:
    """Publish a version of crm-to-slack whose manifest differs; return its digest.

    `changed` maps a piece of the manifest to what replaces it. An admin approves it, unless it
    is to stay in review.
    """
    [package] = STARTERS.glob(f"{CRM_TO_SLACK}-*.tar.gz")
    manifest = files_of(package)["manifest.yaml"].decode()
    for old, new in {"version: 1.3.0": f"version: {version}", **(changed or {})}.items():
        assert old in manifest, old
        manifest = manifest.replace(old, new, 1)
    sent = packed_with(package, {"manifest.yaml": manifest.encode()})
    added = shop.client.post("/api/v1/connectors", files=sent, headers=shop.as_("ana"))
    assert added.status_code == 201, added.text
    if approve:
        _approve(shop, version)
    return str(added.json()["digest"])


def _approve(shop: Marketplace | MarketplaceProcess, version: str) -> None:
    approved = shop.client.patch(
        f"/api/v1/connectors/bizops/{CRM_TO_SLACK}/versions/{version}/status",
        json={"status": "approved", "message": "for a test"},
        headers=shop.as_("admin"),
    )
    assert approved.status_code == 200, approved.text
