"""How many reviews wait for whoever looks at a page, for the navigation."""

from anyio import to_thread
from fastapi import Request

from connectory.access.rules import Actor
from connectory.vetting import review_read

MOST = 99  # beyond this the number says nothing more


async def count_reviews(request: Request) -> None:
    """Put the number where the frame of the page finds it; of those who review nothing none.

    It opens and ends a unit of work of its own before the route begins, so that no request
    waits for a second connection while it holds one.
    """
    actor: Actor = request.state.actor
    if actor.reviews and request.method == "GET":
        request.state.to_review = await to_thread.run_sync(_count, request, actor)


def _count(request: Request, actor: Actor) -> str:
    with request.app.state.works.read() as work:
        found = review_read.count_mine(work, actor, MOST + 1)
    return f"{MOST}+" if found > MOST else str(found or "")
