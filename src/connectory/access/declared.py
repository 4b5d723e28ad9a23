"""What routes declare of their answers beyond one JSON model, for the OpenAPI document."""

from collections.abc import Mapping
from typing import Any

Answers = Mapping[int | str, dict[str, Any]]  # what FastAPI takes as `responses`


def of_type(media_type: str) -> Answers:
    """Say that the answer is a text of this type."""
    return {200: {"content": {media_type: {}}}}


def also(status: int, why: str, model: object = None) -> Answers:
    """Say that there is another status of success, with a body of `model` where it has one."""
    return {status: {"description": why} | ({} if model is None else {"model": model})}
