"""Write down that a connector is to be called, in the transaction of whoever wants it."""

from typing import ClassVar

from connectory.instances import read as instances
from connectory.kernel.errors import ConnectoryError, Kind
from connectory.kernel.ids import new_id
from connectory.runs import store
from connectory.runs.rules import Request
from connectory.work import Work

__all__ = ["InstanceGoneError", "Request", "enqueue"]


class InstanceGoneError(ConnectoryError):
    """An instance takes no runs any more because it is removed, or is being removed."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "instance-gone"

    def __init__(self, instance: str) -> None:
        super().__init__(
            f"{instance} is removed, or is being removed",
            hint="list those of your team with `connectory list --team <team>`",
        )


def enqueue(work: Work, request: Request, *, again_of: str | None = None) -> str:
    """Add a run that is delivered once this transaction is committed; return its id.

    One with a key that the instance has had is the run that is there already.

    Raises:
        InstanceGoneError: If the instance is removed or is being removed.
    """
    if not instances.takes_runs(work, request.instance):
        raise InstanceGoneError(request.instance)
    run_id = new_id("run")
    if store.add(work, run_id, request, again_of=again_of):
        return run_id
    return store.with_key(work, request.instance, request.key)
