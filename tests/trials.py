"""Rehearsals and tries over HTTP, and a package of one's own for them."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from httpx2 import Response

from connectory.gates.archive import pack
from marketplaces import LiveServer, wait_until

V1 = "/api/v1"
ENDED = {"succeeded", "failed", "undone", "cancelled"}
STARTER = "slack-alerts/versions/1.0.0"
MANIFEST = """\
schema_version: "1"
namespace: bizops
id: messy
name: Messy
version: 1.0.0
description: Leaves everything where it is
owner: bizops@example.com
license: Apache-2.0
runtime:
  type: container
  entrypoint: messy
  resources: {cpu: 0.25, memory: 256M, region: us-east-1}
data: {classification: internal}
policies: [{data_retention: 30d}, {allowed_regions: [us-east-1]}]
support: {runbook: https://wiki.example.com/messy, owner_oncall: oncall-bizops}
triggers: [{type: webhook, path: /do}]
inputs:
  - {name: crm_api_url, schema: {type: string}}
  - {name: shared, schema: {type: string}, example: /nowhere, required: true}
secrets: [{name: crm_api_key, provision: {method: store, path: "teams/{team}/crm_api_key"}}]
removal: {retain: [cache/kept.txt]}
examples: [{title: All of it, inputs: {shared: SHARED}}]
"""


@dataclass(frozen=True)
class Trials:
    """A marketplace that runs, and who asks it: `ana` owns the starters' team."""

    live: LiveServer
    _rehearsed: dict[str, dict[str, Any]] = field(default_factory=dict)

    def ask(self, method: str, path: str, by: str = "ana", **more: Any) -> Response:
        headers = {"Authorization": f"Bearer {self.live.tokens[by]}"} if by else {}
        headers |= more.pop("headers", {})
        with httpx2.Client(base_url=self.live.url, timeout=90, headers=headers) as client:
            return client.request(method, path, **more)

    def api(self, method: str, path: str, by: str = "ana") -> Response:
        return self.ask(method, f"{V1}/connectors/bizops/{path}", by)

    def rehearsed(self, version: str) -> dict[str, Any]:
        """Rehearse a version to the end, unless that was done; return the operation."""
        if version not in self._rehearsed:
            begun = self.api("POST", f"{version}:rehearse")
            assert begun.status_code == 202, begun.text
            self._rehearsed[version] = self.ended(begun.json()["operation"])
        return self._rehearsed[version]

    def ended(self, operation: str) -> dict[str, Any]:
        path = f"{V1}/operations/{operation}"
        wait_until(lambda: self.ask("GET", path).json()["state"] in ENDED, 60)
        found: dict[str, Any] = self.ask("GET", path).json()
        return found

    def certificate(self, version: str, by: str = "ana") -> dict[str, Any]:
        found: dict[str, Any] = self.api("GET", f"{version}/certificate", by).json()
        return found

    def left_over(self) -> list[str]:
        """What is left of throw-away marketplaces."""
        return [path.name for path in (self.live.state.settings.data / "throwaways").glob("*")]

    def publish(self, manifest: str, files: Mapping[str, bytes]) -> Response:
        content = io.BytesIO()
        pack({"manifest.yaml": manifest.encode(), **files}, content)
        sent = {"manifest": manifest.encode(), "package": content.getvalue()}
        return self.ask("POST", f"{V1}/connectors", files=sent)
