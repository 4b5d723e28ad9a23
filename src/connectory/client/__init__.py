"""The typed client of a server's HTTP API; the command line is built on it.

with Client("http://127.0.0.1:7600", token) as server:
    for found in server.catalog.search(q="slack")["items"]:
        print(found["id"], found["version"])
"""

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from connectory.client.address import normal_url
from connectory.client.transport import TIMEOUT_S, HoldBack, Transport
from connectory.kernel.secret import Secret

if TYPE_CHECKING:  # a command uses one or two of them and starts without the others
    from connectory.client.access import Access
    from connectory.client.attestations import Attestations
    from connectory.client.audit import Audit
    from connectory.client.catalog import Catalog
    from connectory.client.delegations import Delegations
    from connectory.client.instances import Instances
    from connectory.client.observed import Observed
    from connectory.client.operations import Operations
    from connectory.client.plans import Plans
    from connectory.client.policies import Policies
    from connectory.client.publishers import Publishers
    from connectory.client.quarantines import Quarantines
    from connectory.client.rehearsals import Rehearsals
    from connectory.client.reviews import Reviews, Waivers
    from connectory.client.runs import Runs
    from connectory.client.sets import Searches, Sets
    from connectory.client.sources import Sources
    from connectory.client.teams import Teams

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

    @cached_property
    def access(self) -> "Access":
        """Who is signed in, and access tokens."""
        from connectory.client.access import Access  # noqa: PLC0415  # lazy: as above

        return Access(self.http)

    @cached_property
    def teams(self) -> "Teams":
        """Teams, their members and secrets."""
        from connectory.client.teams import Teams  # noqa: PLC0415  # lazy: as above

        return Teams(self.http)

    @cached_property
    def catalog(self) -> "Catalog":
        """Connectors: finding, reading and publishing them."""
        from connectory.client.catalog import Catalog  # noqa: PLC0415  # lazy: as above

        return Catalog(self.http)

    @cached_property
    def delegations(self) -> "Delegations":
        """Who decides in reviews for whom."""
        from connectory.client.delegations import Delegations  # noqa: PLC0415  # lazy: as above

        return Delegations(self.http)

    @cached_property
    def quarantines(self) -> "Quarantines":
        """The quarantine of versions."""
        from connectory.client.quarantines import Quarantines  # noqa: PLC0415  # lazy: as above

        return Quarantines(self.http)

    @cached_property
    def plans(self) -> "Plans":
        """What installing or changing would do."""
        from connectory.client.plans import Plans  # noqa: PLC0415  # lazy: as above

        return Plans(self.http)

    @cached_property
    def instances(self) -> "Instances":
        """What teams run."""
        from connectory.client.instances import Instances  # noqa: PLC0415  # lazy: as above

        return Instances(self.http)

    @cached_property
    def operations(self) -> "Operations":
        """Work that goes on by itself."""
        from connectory.client.operations import Operations  # noqa: PLC0415  # lazy: as above

        return Operations(self.http)

    @cached_property
    def observed(self) -> "Observed":
        """What versions and instances used beside what they declare."""
        from connectory.client.observed import Observed  # noqa: PLC0415  # lazy: as above

        return Observed(self.http)

    @cached_property
    def runs(self) -> "Runs":
        """Runs: every execution of a connector, what went in and what came out."""
        from connectory.client.runs import Runs  # noqa: PLC0415  # lazy: as above

        return Runs(self.http)

    @cached_property
    def rehearsals(self) -> "Rehearsals":
        """Rehearsing the removal of versions, their certificates, and trying them."""
        from connectory.client.rehearsals import Rehearsals  # noqa: PLC0415  # lazy: as above

        return Rehearsals(self.http)

    @cached_property
    def attestations(self) -> "Attestations":
        """Signed statements about versions, and the bytes that they are about."""
        from connectory.client.attestations import Attestations  # noqa: PLC0415  # lazy: as above

        return Attestations(self.http)

    @cached_property
    def reviews(self) -> "Reviews":
        """Reviews of versions: what waits for whom, what was decided and said."""
        from connectory.client.reviews import Reviews  # noqa: PLC0415  # lazy: as above

        return Reviews(self.http)

    @cached_property
    def waivers(self) -> "Waivers":
        """Checks that need not pass for a while."""
        from connectory.client.reviews import Waivers  # noqa: PLC0415  # lazy: as above

        return Waivers(self.http)

    @cached_property
    def policies(self) -> "Policies":
        """The rules that connectors are judged by."""
        from connectory.client.policies import Policies  # noqa: PLC0415  # lazy: as above

        return Policies(self.http)

    @cached_property
    def sources(self) -> "Sources":
        """Repositories whose connectors are published as they are merged."""
        from connectory.client.sources import Sources  # noqa: PLC0415  # lazy: as above

        return Sources(self.http)

    @cached_property
    def publishers(self) -> "Publishers":
        """Jobs of CI systems that may publish without a stored token."""
        from connectory.client.publishers import Publishers  # noqa: PLC0415  # lazy: as above

        return Publishers(self.http)

    @cached_property
    def audit(self) -> "Audit":
        """The audit log."""
        from connectory.client.audit import Audit  # noqa: PLC0415  # lazy: as above

        return Audit(self.http)

    @cached_property
    def sets(self) -> "Sets":
        """Curated sets of the home page."""
        from connectory.client.sets import Sets  # noqa: PLC0415  # lazy: as above

        return Sets(self.http)

    @cached_property
    def searches(self) -> "Searches":
        """Saved searches."""
        from connectory.client.sets import Searches  # noqa: PLC0415  # lazy: as above

        return Searches(self.http)

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
