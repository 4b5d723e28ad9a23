from typing import Annotated

import pytest
from fastapi import APIRouter, Query, Response

from connectory.access.actors import Visitor
from connectory.access.edge import ReadWork
from connectory.access.frequent import FrequentRoute


async def opens_a_transaction(work: ReadWork, by: Visitor) -> Response:  # noqa: ARG001
    return Response()


async def takes_one_parameter(by: Visitor, q: Annotated[str, Query()]) -> Response:  # noqa: ARG001
    return Response()


@pytest.mark.parametrize("endpoint", [opens_a_transaction, takes_one_parameter])
def test_a_route_that_needs_more_than_the_request_is_refused_when_it_is_made(
    endpoint: object,
) -> None:
    router = APIRouter(route_class=FrequentRoute)

    with pytest.raises(TypeError):
        router.get("/x", response_model=None)(endpoint)  # type: ignore[type-var]
