"""Where and when a connector runs."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from connectory.manifest.addresses import HookPath
from connectory.manifest.parts import Part
from connectory.manifest.quantities import duration_seconds, memory_bytes
from connectory.manifest.schedule import UTC_NAME, Cron, Misfire, Timezone
from connectory.manifest.texts import ShortForm, Whole, json_number, number_of, refusal, shown
from connectory.manifest.words import Duration, Entrypoint, EventName, Memory, RegionName, Slug

MOST_CPU = 64
THOUSAND = 1000

RuntimeType = Literal["serverless", "terraform", "lowcode", "container", "local"]
TriggerType = Literal["schedule", "webhook", "event", "manual"]

DETAIL_OF_TRIGGER: dict[str, str | None] = {
    "schedule": "cron",
    "webhook": "path",
    "event": "event",
    "manual": None,
}
OF_SCHEDULES = ("timezone", "jitter", "misfire")


def others_than(kind: str) -> tuple[str, ...]:
    """Return the fields that a trigger of this type must not have."""
    details = (key for key in DETAIL_OF_TRIGGER.values() if key)
    others = tuple(key for key in details if key != DETAIL_OF_TRIGGER[kind])
    return others if kind == "schedule" else (*others, *OF_SCHEDULES)


def _trigger_rules() -> list[JsonValue]:
    """Say in JSON Schema that each type of trigger has its own fields and no other."""
    return [
        {
            "if": {"required": ["type"], "properties": {"type": {"const": kind}}},
            "then": {
                "required": [detail] if detail else [],
                "properties": dict.fromkeys(others_than(kind), False),
            },
        }
        for kind, detail in DETAIL_OF_TRIGGER.items()
    ]


class CpuShare:
    """Virtual CPUs: `0.25`, or `250m` in thousandths."""

    MILLI = "^[1-9][0-9]{0,4}m$"

    @staticmethod
    def read(value: object) -> Decimal:
        """Return virtual CPUs, or raise a `refusal`."""
        cpu = number_of(value)
        if cpu is None and isinstance(value, str) and _is_milli(value):
            cpu = Decimal(value[:-1]) / THOUSAND
        if cpu is None:
            raise refusal(
                "bad-cpu", f"{shown(value)} is not an amount of CPU", "write 0.25 or 250m"
            )
        if not 0 < cpu <= MOST_CPU:
            raise refusal(
                "out-of-range",
                f"{shown(value)} CPU is not more than 0 and at most {MOST_CPU}",
                "write 0.25, 250m or 1",
            )
        return cpu

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(
                json_number, when_used="json"
            ),
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_CPU}
        return {"anyOf": [number, {"type": "string", "pattern": self.MILLI}]}


def _is_milli(text: str) -> bool:
    digits = text[:-1]
    return (
        text.endswith("m")
        and digits.isascii()
        and digits.isdigit()
        and len(digits) <= len("64000")
        and digits[0] != "0"
    )


class Resources(Part):
    """What one instance may use."""

    cpu: Annotated[Decimal, CpuShare()] | None = None
    """Virtual CPUs: a number, or thousandths as `250m`."""
    memory: Memory | None = None
    """Memory: `256M` is 256,000,000 bytes, `256Mi` is 268,435,456."""
    region: RegionName | None = None
    """Region in the provider's own spelling; a team may choose another one when installing."""
    min_instances: Annotated[int, Whole(0, 100)] | None = None
    """Copies that are kept warm."""
    max_instances: Annotated[int, Whole(1, 1000)] | None = None
    """Most copies at the same time."""

    @property
    def memory_bytes(self) -> int | None:
        """Memory in bytes, or None if the manifest does not say."""
        return memory_bytes(self.memory) if self.memory else None


class Runtime(Part):
    """How the connector is run."""

    type: RuntimeType
    """Kind of runtime."""
    provider: Slug | None = None
    """Platform that it was made for: cloudrun, lambda, local and so on."""
    entrypoint: Entrypoint | None = None
    """Module or file of the package that is started."""
    timeout: Duration | None = None
    """Longest time for one run: `30s`."""
    concurrency: Annotated[int, Whole(1, THOUSAND)] | None = None
    """Runs that one copy handles at the same time."""
    resources: Resources = Field(default_factory=Resources)
    """What one instance may use."""

    @property
    def timeout_s(self) -> int | None:
        """Longest time for one run in seconds, or None if the manifest does not say."""
        return duration_seconds(self.timeout) if self.timeout else None


class Trigger(Part):
    """What makes the connector run."""

    model_config = ConfigDict(json_schema_extra={"allOf": _trigger_rules()})

    type: TriggerType
    """Kind of trigger."""
    cron: Cron | None = None
    """When it runs by itself: minute, hour, day, month, weekday, or `@daily`. Only for
    `schedule`, like the three fields behind it."""
    timezone: Timezone | None = None
    """Time zone whose clock `cron` is about: `Europe/Berlin`. UTC if it is left out."""
    jitter: Duration | None = None
    """Longest time by which a run comes later than planned, so that not all instances run at
    the same moment: `5m`. Each run's delay is within it and always the same."""
    misfire: Misfire | None = None
    """What to do about runs that were missed because nothing could start them: `once` (also if
    it is left out) makes up for all of them with one run, `skip` does not."""
    path: HookPath | None = None
    """Path that receives calls: `/lead`. Only for `webhook`."""
    event: EventName | None = None
    """Event to listen to: `crm.lead.created`. Only for `event`."""

    @property
    def detail(self) -> str | None:
        """The schedule, path or event name; None for a manual trigger."""
        return self.schedule or self.path or self.event

    @property
    def schedule(self) -> str | None:
        """The cron line and its time zone; None unless it is a schedule."""
        return f"{self.cron} {self.zone}" if self.cron else None

    @property
    def zone(self) -> str:
        """The time zone of `cron`."""
        return self.timezone or UTC_NAME

    @property
    def jitter_s(self) -> int:
        """Longest delay of a run in seconds."""
        return duration_seconds(self.jitter) if self.jitter else 0

    @property
    def makes_up(self) -> bool:
        """Whether one run makes up for those that were missed."""
        return self.misfire != "skip"


TriggerOrType = Annotated[Trigger, ShortForm("type", {"type": "string", "enum": ["manual"]})]
