"""What all parts of a manifest have in common: they are frozen and know their fields."""

from functools import cache
from typing import get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connectory.manifest.texts import Anything

EXTENSION = "x-"


class Part(BaseModel):
    """An object of the manifest. Unknown keys are refused, except that `x-*` is free."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, serialize_by_alias=True
    )

    extensions: dict[str, Anything] = Field(default_factory=dict, alias=EXTENSION)

    @model_validator(mode="before")
    @classmethod
    def _gather_extensions(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        free = {key: value for key, value in given.items() if key.startswith(EXTENSION)}
        if not free:
            return given
        return {k: v for k, v in given.items() if k not in free} | {EXTENSION: free}

    @model_serializer(mode="wrap")
    def _spread_extensions(self, write: SerializerFunctionWrapHandler) -> dict[str, object]:
        written: dict[str, object] = write(self)
        written.pop(EXTENSION, None)
        return written | self.extensions if self.extensions else written

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        written = handler.resolve_ref_schema(handler(schema))
        written["properties"].pop(EXTENSION, None)
        written["patternProperties"] = {f"^{EXTENSION}": {}}
        return written


@cache
def keys_of(part: type[Part]) -> tuple[str, ...]:
    """Return the keys that a part of the manifest may have, as authors write them."""
    return tuple(
        key
        for name, field in part.model_fields.items()
        if (key := field.alias or name) != EXTENSION
    )


@cache
def part_below(part: type[Part], key: str) -> type[Part] | None:
    """Return the part that describes the value of a key, or the entries of its list."""
    for name, field in part.model_fields.items():
        if (field.alias or name) == key:
            return _part_in(field.annotation)
    return None


def _part_in(annotation: object) -> type[Part] | None:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return annotation
    inner = (_part_in(each) for each in get_args(annotation))
    return next((part for part in inner if part), None)
