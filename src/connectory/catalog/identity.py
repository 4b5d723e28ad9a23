"""Who may use an id first: one that is taken for another's, or was another's, stays closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from connectory.catalog import add_store, store
from connectory.catalog.rules import LIVE, Name, Status
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.looks import look_of
from connectory.work import Event, Work


@dataclass(frozen=True, slots=True)
class IdPermitted(Event):
    """An admin lets a namespace use an id that is like another's, or was another's."""

    reason: str


class IdTooSimilarError(ConnectoryError):
    """The id is easily taken for the id of a connector in another namespace."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "id-too-similar"

    def __init__(self, name: Name, other: str) -> None:
        super().__init__(
            f"the id {name.id} looks like {other}",
            hint=f"choose another id; if both are right, an admin runs {_command(name)}",
            field="id",
        )


class IdReservedError(ConnectoryError):
    """The id belonged to a connector of another namespace, and readers still mean that one."""

    kind: ClassVar[Kind] = Kind.CONFLICT
    code: ClassVar[str] = "id-reserved"

    def __init__(self, name: Name, other: str) -> None:
        super().__init__(
            f"the id {name.id} was used by {other}, which is retired",
            hint=f"choose another id; to let it succeed, an admin runs {_command(name)}",
            field="id",
        )


def claim(work: Work, names: Iterable[Name]) -> dict[Name, ConnectoryError]:
    """Let namespaces use ids for the first time; return why, where that is refused.

    Ids that look alike are one id here, so no two of `names` may. The first namespace that
    uses a look keeps it for ever, also when its connector is retired. Another namespace may
    use exactly the same id beside it (a bare id is then refused as ambiguous), but none that is
    only nearly the same. Refused are with `IdTooSimilarError` those that are taken for an id
    of another namespace, with `IdReservedError` those that another had and has retired.
    """
    looks = {look_of(name.id): name for name in names}
    holders = add_store.hold_looks(work, looks)
    found = ((name, _refusal(work, name, holders[look])) for look, name in looks.items())
    return {name: refused for name, refused in found if refused is not None}


def _refusal(work: Work, name: Name, holder: Name) -> ConnectoryError | None:
    if holder.namespace == name.namespace or store.is_permitted(work, name):
        return None
    statuses = {release.status for release in store.releases_of(work, [holder])}
    if holder.id != name.id:
        return IdTooSimilarError(name, _named(holder, statuses))
    if not statuses & LIVE:
        return IdReservedError(name, _named(holder, statuses))
    return None


def permit(work: Work, name: Name, reason: str) -> None:
    """Let a namespace use an id whatever it looks like; allowing it again is no error."""
    if store.add_permit(work, name, reason):
        work.emit(IdPermitted(subject=name.key, team="", reason=reason))


def _named(holder: Name, statuses: set[Status]) -> str:
    """Name the other connector, but no draft: those are known to their team alone."""
    is_draft = statuses == {Status.DRAFT}
    return "that of a connector in another namespace" if is_draft else holder.key


def _command(name: Name) -> str:
    return f"`connectory permit {name.key} --reason ...`"
