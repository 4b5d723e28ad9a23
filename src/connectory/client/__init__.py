"""The typed client of a server's HTTP API; the command line is built on it.

with Client("http://127.0.0.1:7600", token) as server:
    for found in server.catalog.search(q="slack")["items"]:
        print(found["id"], found["version"])
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from connectory.client.access import Access
from connectory.client.address import normal_url
from connectory.client.audit import Audit
from connectory.client.catalog import Catalog
from connectory.client.instances import Instances
from connectory.client.observed import Observed
from connectory.client.operations import Operations
from connectory.client.plans import Plans
from connectory.client.rehearsals import Rehearsals
from connectory.client.runs import Runs
from connectory.client.sets import Searches, Sets
from connectory.client.teams import Teams
from connectory.client.transport import TIMEOUT_S, HoldBack, Transport
from connectory.kernel.secret import Secret

__all__ = ["Client"]


class Client:
    """Calls one server as one account. Use as a context manager or call `close`.

    Args:
        url: Address of the server, such as `http://127.0.0.1:7600`.
        token: Access token; None reads what anybody may.
        timeout_s: Seconds to wait for an answer.
        tell: Is given the HTTP exchange line by line, secrets masked.
        hold_back: Is given each change (method, path, masked body) in place of the server.

    Raises:
        BadUrlError: If the address cannot be called.
    """

    def __init__(
        self,
        url: str,
        token: Secret | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        tell: Callable[[str], None] | None = None,
        hold_back: HoldBack | None = None,
    ) -> None:
        self.http = Transport(
            normal_url(url), token, timeout_s=timeout_s, tell=tell, hold_back=hold_back
        )
        self.access = Access(self.http)
        self.teams = Teams(self.http)
        self.catalog = Catalog(self.http)
        self.plans = Plans(self.http)
        self.instances = Instances(self.http)
        self.observed = Observed(self.http)
        self.operations = Operations(self.http)
        self.runs = Runs(self.http)
        self.audit = Audit(self.http)
        self.rehearsals = Rehearsals(self.http)
        self.sets = Sets(self.http)
        self.searches = Searches(self.http)

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
