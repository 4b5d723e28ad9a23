"""The answer to a request that began an operation on an instance."""

from fastapi import Response
from pydantic import BaseModel

from connectory.instances import views
from connectory.instances.change import Begun
from connectory.instances.views import InstanceCard
from connectory.operations import read as operations
from connectory.work import Work


class Accepted(BaseModel):
    """An operation that was begun (or found), and its instance."""

    operation: str
    instance: InstanceCard


def accepted(work: Work, response: Response, begun: Begun) -> Accepted:
    """Describe what was begun, and say in the headers where to watch it."""
    response.headers["Location"] = f"/api/v1/operations/{begun.operation}"
    last = operations.last_on(work, [begun.instance.id]).get(begun.instance.id)
    return Accepted(
        operation=begun.operation, instance=views.instance_card(begun.instance, last)
    )
