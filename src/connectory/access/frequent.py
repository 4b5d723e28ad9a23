"""Routes that are asked most: what they need of a request is worked out once, not each time.

The framework goes through the signature of a route anew for every request, which costs more
than a read of memory does. A `FrequentRoute` is declared and described like any other; its
permission is the actor in its signature, and that is asked first. A query that its model does
not take is handed to the framework, which says what is wrong with it.
"""

import inspect
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
Maker = Callable[[Request], Coroutine[Any, Any, object]]


class FrequentRoute(APIRoute):
    """A route of an `async` function that returns a `Response`, in a router of its own.

    It takes the request, what async functions make of the request alone (the actor, an
    opener), texts of the path, and at most one model of the whole query. Nothing else is
    asked before it: dependencies of the router that it is included with would be left out.
    """

    def get_route_handler(self) -> Handler:
        """Return what answers a request."""
        usual = super().get_route_handler()
        known, endpoint = self.dependant, self.endpoint
        makers = _makers(known)
        texts = [one.name for one in known.path_params]
        query = _query(known)
        wanted = known.request_param_name

        async def handle(request: Request) -> Response:
            given = {name: await make(request) for name, make in makers}
            if query is not None:
                name, model = query
                try:
                    given[name] = _read(model, request.scope["query_string"])
                except ValidationError:
                    return await usual(request)
            given.update((name, request.path_params[name]) for name in texts)
            if wanted:
                given[wanted] = request
            answer: Response = await endpoint(**given)
            return answer

        return handle


def _makers(known: Dependant) -> list[tuple[str, Maker]]:
    found = [(one.name or "", one.call) for one in known.dependencies if one.call]
    for name, call in found:
        takes = list(inspect.signature(call).parameters.values())
        if len(takes) != 1 or takes[0].annotation is not Request or not _is_async(call):
            raise TypeError(f"`{name}` of {known.path} is not made of the request alone")
    return found


def _is_async(call: Callable[..., object]) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(
        getattr(call, "__call__", None)  # noqa: B004  of an object, as a requirement is
    )


def _query(known: Dependant) -> tuple[str, type[BaseModel]] | None:
    models = [(one.name, one.field_info.annotation) for one in known.query_params]
    if not models:
        return None
    [(name, model)] = models
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise TypeError(f"`{name}` of {known.path} is no model of the whole query")
    return name, model


def _read(model: type[BaseModel], query: bytes) -> BaseModel:
    """Read a query as the framework does: of what is no list the last value counts."""
    given: dict[str, list[str]] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        given.setdefault(name, []).append(value)
    fields = model.model_fields
    return model.model_validate(
        {
            name: values if name in fields and _is_list(fields[name]) else values[-1]
            for name, values in given.items()
        }
    )


def _is_list(field: FieldInfo) -> bool:
    return field.annotation == list[str]
