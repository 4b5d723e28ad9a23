"""A folder of policies as the body of a request."""

from typing import Annotated, Any

from fastapi import Depends, Request

PACKED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


async def _sent(request: Request) -> bytes:
    return await request.body()


Sent = Annotated[bytes, Depends(_sent)]
"""The bytes of a `.tar.gz`; whoever takes them checks them."""
