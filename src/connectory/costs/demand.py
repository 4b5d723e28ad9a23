"""From a manifest to what one instance asks of its target in a month.

What the author declares under `cost.usage` is taken as it is. What is missing is replaced by a
range that is wide on purpose, and the estimate says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from connectory.costs.rules import HOURS, Band, Demand
from connectory.costs.schedules import monthly_runs
from connectory.manifest import formula
from connectory.manifest.model import Manifest
from connectory.manifest.runtime import Trigger
from connectory.manifest.upkeep import Usage

LARGEST = 10**15  # what a setting may count; more is a slip or an attack
MONTHLY = {"hour": HOURS, "day": HOURS / 24, "week": HOURS / 168, "month": Decimal(1)}
RUNS = {"requests", "runs", "events", "invocations", "messages"}
SECONDS = {"duration-s", "seconds-per-run"}
VCPU_HOURS = {"vcpu-hours": Decimal(1), "vcpu-seconds": Decimal(1) / 3600}
GIB_HOURS = {
    "gb-hours": Decimal(1),
    "gib-hours": Decimal(1),
    "gb-seconds": Decimal(1) / 3600,
    "gib-seconds": Decimal(1) / 3600,
}
KNOWN = RUNS | SECONDS | VCPU_HOURS.keys() | GIB_HOURS.keys()


def _band(low: str, high: str) -> Band:
    return Band(Decimal(low), Decimal(high))


ASSUMED_RUNS = {
    "webhook": _band("1000", "30000"),
    "event": _band("1000", "30000"),
    "manual": _band("10", "100"),
}
ASSUMED_SECONDS = {
    "webhook": _band("0.1", "1"),
    "event": _band("0.1", "1"),
    "schedule": _band("1", "30"),
    "manual": _band("1", "30"),
}
ASSUMED_CPU = _band("0.25", "1")
ASSUMED_MEMORY = _band("256000000", "512000000")
UNKNOWN = Trigger(type="webhook")  # a manifest without triggers is taken for one that is called


@dataclass(slots=True)
class _Notes:
    """What had to be assumed, in the order in which it was met."""

    lines: list[str] = field(default_factory=list)

    def assume(self, what: str, band: Band, unit: str) -> Band:
        """Note that a range stands for something the manifest does not say."""
        self.lines.append(f"the manifest does not say {what}; {band} {unit} are assumed")
        return band


def demand_of(
    manifest: Manifest, inputs: Mapping[str, object]
) -> tuple[Demand, tuple[str, ...]]:
    """Return what an instance will ask for, and what had to be assumed.

    Args:
        manifest: The version.
        inputs: Settings of the instance, for quantities that are formulas over inputs. What is
            missing has the default of the manifest, or counts as zero.
    """
    notes = _Notes()
    numbers = _numbers({each.name: each.default for each in manifest.inputs} | dict(inputs))
    meters = _meters(manifest.cost.usage, numbers, notes)
    resources = manifest.runtime.resources
    triggers = manifest.triggers or (UNKNOWN,)
    cpu, memory = resources.cpu, resources.memory_bytes
    demand = Demand(
        runs=_sum(meters, dict.fromkeys(RUNS, Decimal(1))) or _assumed_runs(triggers, notes),
        seconds=_seconds(meters, triggers, manifest.runtime.timeout_s, notes),
        cpu=Band.exactly(cpu) if cpu else notes.assume("its CPU", ASSUMED_CPU, "vCPU"),
        memory=Band.exactly(memory)
        if memory
        else notes.assume("its memory", ASSUMED_MEMORY, "bytes"),
        warm=resources.min_instances or 0,
        vcpu_hours=_sum(meters, VCPU_HOURS),
        gib_hours=_sum(meters, GIB_HOURS),
    )
    return demand, tuple(notes.lines)


def _meters(
    usage: tuple[Usage, ...], numbers: Mapping[str, Decimal], notes: _Notes
) -> dict[str, Decimal]:
    """Return the declared quantity of each meter in a month; a duration has no period."""
    meters: dict[str, Decimal] = {}
    for each in usage:
        if each.meter not in KNOWN:
            notes.lines.append(f"the meter {each.meter} has no price and is not counted")
            continue
        per_month = Decimal(1) if each.meter in SECONDS else MONTHLY[each.per]
        quantity = _quantity(each, numbers, notes) * per_month
        meters[each.meter] = meters.get(each.meter, Decimal(0)) + quantity
    return meters


def _quantity(usage: Usage, numbers: Mapping[str, Decimal], notes: _Notes) -> Decimal:
    if isinstance(usage.quantity, Decimal):
        return usage.quantity
    for name in formula.inputs_of(usage.quantity):
        if name not in numbers:
            notes.lines.append(f"the number of {usage.meter} counts the input {name} as 0")
    return max(formula.value_of(usage.quantity, numbers), Decimal(0))


def _sum(meters: Mapping[str, Decimal], scale: Mapping[str, Decimal]) -> Band | None:
    """Add up the meters of one kind; None if none of them is declared."""
    declared = [meters[meter] * factor for meter, factor in scale.items() if meter in meters]
    return Band.exactly(sum(declared, Decimal(0))) if declared else None


def _assumed_runs(triggers: tuple[Trigger, ...], notes: _Notes) -> Band:
    """Return the runs of schedules, which are known, and of other triggers, which are not."""
    known = [Band.exactly(monthly_runs(each.cron)) for each in triggers if each.cron]
    kinds = sorted({each.type for each in triggers if not each.cron})
    guessed = [
        notes.assume(f"how often it is run by {kind}", ASSUMED_RUNS[kind], "runs a month")
        for kind in kinds
        if kind in ASSUMED_RUNS
    ]
    return sum([*known, *guessed], Band.exactly(0))


def _seconds(
    meters: Mapping[str, Decimal],
    triggers: tuple[Trigger, ...],
    timeout_s: int | None,
    notes: _Notes,
) -> Band:
    declared = _sum(meters, dict.fromkeys(SECONDS, Decimal(1)))
    if declared:
        return declared
    bands = [ASSUMED_SECONDS[each.type] for each in triggers]
    band = Band(min(each.low for each in bands), max(each.high for each in bands))
    band = band.up_to(Decimal(timeout_s)) if timeout_s else band
    return notes.assume("how long a run takes", band, "s")


def _numbers(values: Mapping[str, object]) -> dict[str, Decimal]:
    """Return those of the values that are numbers, or texts of numbers."""
    numbers = {}
    for name, value in values.items():
        if isinstance(value, int | float | str | Decimal) and not isinstance(value, bool):
            number = _number(value if isinstance(value, int) else str(value))
            if number is not None:
                numbers[name] = number
    return numbers


def _number(value: int | str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= LARGEST else None
