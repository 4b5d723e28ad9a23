"""Jobs of CI systems that may publish without a stored token."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NotRequired, TypedDict

from connectory.client.transport import Transport, path_of


class Wish(TypedDict):
    """Which jobs to trust."""

    name: str
    host: str
    issuer: NotRequired[str]
    repository: str
    workflow: str
    branch: str
    environment: str


class Publisher(TypedDict):
    """Jobs that may publish into a namespace, and the account as which they do."""

    name: str
    namespace: str
    host: str
    issuer: str
    repository: str
    workflow: str
    branch: str
    environment: str
    account: str
    audience: str
    added_by: str
    added_at: str


@dataclass(frozen=True, slots=True)
class Publishers:
    """The routes …/publishers. Every method raises what `Transport.send` raises."""

    http: Transport

    def list(self, namespace: str) -> Iterator[Publisher]:
        """List the publishers of a namespace."""
        return self.http.pages(Publisher, path_of("namespaces", namespace, "publishers"))

    def add(self, namespace: str, wish: Wish) -> Publisher:
        """Trust jobs from now on."""
        path = path_of("namespaces", namespace, "publishers")
        return self.http.send(Publisher, "POST", path, body=wish)

    def remove(self, namespace: str, name: str) -> None:
        """Trust jobs no more."""
        self.http.tell_to("DELETE", path_of("namespaces", namespace, "publishers", name))
