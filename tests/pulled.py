"""A marketplace that pulls a real repository, for tests."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Response

from connectory.gates.git import Rules
from marketplaces import Marketplace
from repositories import Repository, made

BRIEF = (Path(__file__).parent / "manifest/examples/brief.yaml").read_bytes()
SOURCES = "/api/v1/sources"


def manifest(name: str, version: str = "1.0.0", more: str = "") -> bytes:
    """Return the manifest of a connector that has nothing else."""
    told = BRIEF.replace(b"crm-to-slack-v1", name.encode())
    return told.replace(b"version: 1.2.0", f"version: {version}".encode()) + more.encode()


@dataclass
class Pulled:
    """A marketplace, and a repository of connectors that bizops has added as `market`."""

    shop: Marketplace
    repository: Repository
    secret: str

    def ask(self, by: str = "ana", **wish: object) -> Response:
        return self.shop.client.post(
            f"{SOURCES}/market/syncs", json=wish, headers=self.shop.as_(by)
        )

    def sync(self, **wish: object) -> dict:
        """Pull the repository and return the log."""
        asked = self.ask(**wish)
        assert asked.status_code == 202, asked.text
        self.shop.state.syncer.turn()
        return self.log(asked.json()["id"])

    def log(self, sync: str) -> dict:
        answer = self.shop.client.get(
            f"{SOURCES}/market/syncs/{sync}", headers=self.shop.as_("ana")
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def outcomes(self, **wish: object) -> dict[str, str]:
        """Pull the repository and return what became of each folder."""
        items = self.sync(**wish)["items"]
        return {one["folder"].rpartition("/")[2]: one["outcome"] for one in items}


def pulled(shop: Marketplace, path: Path) -> Pulled:
    """Add an empty repository as a source."""
    repository = made(path / "local/market")
    shop.state.git_rules = shop.state.syncer.rules = Rules(local=path / "local")
    body = {"name": "market", "url": repository.url, "team": "bizops"}
    answer = shop.client.post(SOURCES, json=body, headers=shop.as_("ana"))
    assert answer.status_code == 201, answer.text
    return Pulled(shop, repository, answer.json()["hook_secret"])


def push(branch: str = "main", **more: object) -> bytes:
    """Return what a host of repositories says of a push."""
    return json.dumps({"ref": f"refs/heads/{branch}", **more}).encode()


def signature(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers of GitHub's webhook."""
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={signed}", "Content-Type": "application/json"}
