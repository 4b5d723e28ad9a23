"""The types that manifest fields are made of.

YAML scalars arrive as text (`Plain` when unquoted) and these types turn them into what a field
asks for. Values of the right Python type are accepted as well, so that the normal form, which
is JSON, can be read back. Each type also writes its own JSON Schema, so that there is one
definition for the loader, for editors and for the API.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from connectory.manifest.nodes import Plain

JsonObject = dict[str, Any]

WHOLE = re.compile(r"[-+]?[0-9]{1,18}")
NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,2})?")
LONGEST_NUMBER = 40
LARGEST_NUMBER = 2**53  # what every JSON reader keeps exactly
MOST_SHOWN = 40


def refusal(code: str, message: str, hint: str) -> PydanticCustomError:
    """Make the exception that a field raises; it keeps its own code and hint."""
    return PydanticCustomError(
        "refused", "{message}", {"code": code, "message": message, "hint": hint}
    )


def shown(value: object) -> str:
    """Return a value for a message: quoted, on one line, at most `MOST_SHOWN` characters."""
    text = value if isinstance(value, str) else f"{value}"
    short = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
    return f"`{short if short.isprintable() else short.encode('unicode_escape').decode()}`"


@dataclass(frozen=True, slots=True)
class Text:
    """A text that matches a pattern as a whole.

    `wanted` completes the sentence "`x` is not …". `hint` is a text, or makes one of the value.
    `also` raises a `refusal` for what a pattern cannot say.
    """

    pattern: str
    code: str
    wanted: str
    hint: str | Callable[[str], str]
    longest: int = 200
    reserved: frozenset[str] = frozenset()
    also: Callable[[str], None] | None = None

    def check(self, value: str) -> str:
        """Return the value, or raise a `refusal`."""
        if len(value) > self.longest:
            raise refusal(
                "too-long",
                f"{shown(value)} has {len(value)} characters and the limit is {self.longest}",
                f"shorten it to {self.longest} characters",
            )
        if not re.fullmatch(self.pattern, value):
            hint = self.hint if isinstance(self.hint, str) else self.hint(value)
            raise refusal(self.code, f"{shown(value)} is not {self.wanted}", hint)
        if value in self.reserved:
            raise refusal(
                "reserved-id",
                f"{shown(value)} is reserved",
                "choose a name that says what the connector does",
            )
        if self.also:
            self.also(value)
        return value

    def schema(self) -> JsonObject:
        """Return the JSON Schema of this text."""
        schema: JsonObject = {
            "type": "string",
            "pattern": f"^(?:{self.pattern})$",
            "maxLength": self.longest,
        }
        if self.reserved:
            schema["not"] = {"enum": sorted(self.reserved)}
        return schema

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            self.check, core_schema.str_schema()
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return self.schema()


def patterned(
    pattern: str, code: str, wanted: str, hint: str | Callable[[str], str], longest: int = 200
) -> Text:
    """Return the rule of a text that only its pattern and length limit."""
    return Text(pattern=pattern, code=code, wanted=wanted, hint=hint, longest=longest)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within limits."""

    least: int
    most: int

    def read(self, value: object) -> int:
        """Return the number, or raise a `refusal`."""
        number = _whole_of(value)
        if number is None:
            raise refusal(
                "wrong-type",
                f"{shown(value)} is not a whole number",
                f"write a number from {self.least} to {self.most}, without quotes",
            )
        if not self.least <= number <= self.most:
            raise refusal(
                "out-of-range",
                f"{number} is not from {self.least} to {self.most}",
                f"write a number from {self.least} to {self.most}",
            )
        return number

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


def _whole_of(value: object) -> int | None:
    if isinstance(value, Plain) and WHOLE.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number_of(value: object) -> Decimal | None:
    """Return a number that was written plainly, or is one; None for anything else.

    Numbers beyond `LARGEST_NUMBER` are none: JSON readers disagree about them.
    """
    number = None
    if isinstance(value, Plain) and len(value) <= LONGEST_NUMBER and NUMBER.fullmatch(value):
        number = Decimal(value)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
    return number if number is not None and abs(number) <= LARGEST_NUMBER else None


def json_number(value: Decimal) -> int | float:
    """Return the number as JSON writes it: without a point when it is whole."""
    return int(value) if value == value.to_integral_value() else float(value)


class Truth:
    """`true` or `false`, and nothing else that languages take for them."""

    @staticmethod
    def read(value: object) -> bool:
        """Return the truth value, or raise a `refusal`."""
        if isinstance(value, bool):
            return value
        if isinstance(value, Plain) and value in {"true", "false"}:
            return value == "true"
        raise refusal(
            "wrong-type", f"{shown(value)} is not a truth value", "write `true` or `false`"
        )

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "boolean"}


class Day:
    """A calendar day, `2027-01-31`."""

    PATTERN = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    @classmethod
    def read(cls, value: object) -> date:
        """Return the day, or raise a `refusal`."""
        if isinstance(value, str) and re.fullmatch(cls.PATTERN, value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise refusal(
                    "bad-date", f"{shown(value)} is not in the calendar", "correct the day"
                ) from None
        raise refusal(
            "bad-date", f"{shown(value)} is not a date", "write year-month-day: 2027-01-31"
        )

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read, serialization=core_schema.to_string_ser_schema(when_used="json")
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "format": "date", "pattern": f"^{self.PATTERN}$"}


class Free:
    """Any value that no schema describes: maps, lists and text, kept as they are."""

    @classmethod
    def read(cls, value: object) -> object:
        """Return the value without marks of how it was written."""
        if isinstance(value, dict):
            return {str(key): cls.read(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [cls.read(each) for each in value]
        return str(value) if isinstance(value, str) else value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {}


@dataclass(frozen=True, slots=True)
class ShortForm:
    """A bare text stands for an object with only this field."""

    key: str
    schema: JsonObject = field(hash=False)

    def expand(self, value: object) -> object:
        """Return the object that a bare text stands for."""
        return {self.key: value} if isinstance(value, str) else value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self.expand, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [self.schema, handler(schema)]}


Bool = Annotated[bool, Truth()]
Date = Annotated[date, Day()]
Anything = Annotated[object, Free()]
