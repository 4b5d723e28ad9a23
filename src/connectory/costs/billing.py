"""How each target bills: from what an instance asks for to the lines of an estimate.

Every line is a product of ranges, so more use never costs less and the low end is never above
the high end.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from connectory.costs.rules import HOURS, Band, Charges, Demand, Factor, Line, round_up
from connectory.kernel.errors import ConnectoryError, Kind

HOUR = 3600  # seconds
MILLION = 1_000_000
MIB = 2**20
CLOUDRUN_STEP = Decimal("0.1")  # seconds; time is billed in hundreds of milliseconds
LAMBDA_STEP = Decimal("0.001")  # seconds
LAMBDA_MIB = (128, 10_240)
LAMBDA_MIB_PER_VCPU = 1769
ARCHITECTURES = "the low end is for arm64, the high end for x86-64"
NOT_WARM = "copies that are kept warm are not counted for Lambda"
SHARED = "on an own machine the low end counts CPU only during runs, the high end all month"
FARGATE_SIZES = (  # vCPU, least and most GiB, step in GiB
    (Decimal("0.25"), Decimal("0.5"), 2, 1),
    (Decimal("0.5"), Decimal(1), 4, 1),
    (Decimal(1), Decimal(2), 8, 1),
    (Decimal(2), Decimal(4), 16, 1),
    (Decimal(4), Decimal(8), 30, 1),
    (Decimal(8), Decimal(16), 60, 4),
    (Decimal(16), Decimal(32), 120, 8),
)


class TargetNotPricedError(ConnectoryError):
    """There are no prices for a target, so that its cost cannot be estimated."""

    kind: ClassVar[Kind] = Kind.NOT_FOUND
    code: ClassVar[str] = "target-not-priced"

    def __init__(self, target: str) -> None:
        super().__init__(
            f"the price book has no prices for the target {target}",
            hint=f"estimates exist for: {', '.join(sorted(MODELS))}",
            field="target",
        )


@dataclass(frozen=True, slots=True)
class Tariff:
    """The prices of one target in one region, by meter."""

    prices: Mapping[str, Band]
    currency: str

    def line(self, label: str, meter: str, *factors: tuple[Band, str]) -> Line:
        """Return the line that multiplies the factors and the price of the meter."""
        price = Factor(self.prices[meter], f"{self.currency} per {meter}")
        quantities = (Factor(band, unit) for band, unit in factors)
        return Line(label, (*quantities, price), self.currency)


def cloudrun(demand: Demand, tariff: Tariff) -> Charges:
    """Bill as Cloud Run does by request: CPU and memory while a request is handled, and a fee.

    Requests that one copy handles at the same time share its time; they are counted one by one
    here, so the estimate is an upper bound for busy connectors.
    """
    runs = (demand.runs, "runs")
    seconds = (demand.seconds.stepped(CLOUDRUN_STEP), "s")
    busy_cpu = (runs, seconds, (demand.cpu, "vCPU"))
    busy_memory = (runs, seconds, (demand.gib, "GiB"))
    lines = [
        tariff.line("CPU", "vCPU-s", *_known(demand.vcpu_hours, "vCPU-h") or busy_cpu),
        tariff.line("memory", "GiB-s", *_known(demand.gib_hours, "GiB-h") or busy_memory),
        tariff.line("requests", "million requests", (demand.runs.divided(MILLION), "million")),
    ]
    if demand.warm:
        kept = _copies(demand.warm), (Band.exactly(HOURS * HOUR), "s")
        lines += [
            tariff.line("CPU kept warm", "idle vCPU-s", *kept, (demand.cpu, "vCPU")),
            tariff.line("memory kept warm", "idle GiB-s", *kept, (demand.gib, "GiB")),
        ]
    return Charges(tuple(lines))


def aws_lambda(demand: Demand, tariff: Tariff) -> Charges:
    """Bill as Lambda does: whole MiB of memory while it runs, CPU with it, and a fee.

    The low end is the memory that was asked for; the high end is the memory that comes with
    the CPU that was asked for.
    """
    asked = demand.memory.divided(MIB).stepped(Decimal(1))
    for_cpu = round_up(demand.cpu.high * LAMBDA_MIB_PER_VCPU)
    size = Band(asked.low, max(asked.high, for_cpu)).clamped(*LAMBDA_MIB)
    busy = (
        (demand.runs, "runs"),
        (demand.seconds.stepped(LAMBDA_STEP), "s"),
        (size.divided(1024), "GB"),
    )
    lines = (
        tariff.line("compute", "GB-s", *_known(demand.gib_hours, "GB-h") or busy),
        tariff.line("requests", "million requests", (demand.runs.divided(MILLION), "million")),
    )
    asked_for = f"{demand.memory} bytes and {demand.cpu} vCPU"
    converted = f"{size} MiB, with which come {size.divided(LAMBDA_MIB_PER_VCPU)} vCPU"
    whole = f"Lambda takes whole MiB and has no CPU of its own: {asked_for} become {converted}"
    notes = (whole, ARCHITECTURES)
    return Charges(lines, (*notes, NOT_WARM) if demand.warm else notes)


def fargate(demand: Demand, tariff: Tariff) -> Charges:
    """Bill as Fargate does: the size of the task for all the hours that it is there."""
    low = _fargate_size(demand.cpu.low, demand.gib.low)
    high = _fargate_size(demand.cpu.high, demand.gib.high)
    kept = _copies(max(demand.warm, 1)), (Band.exactly(HOURS), "h")
    cpu, memory = Band(low[0], high[0]), Band(low[1], high[1])
    lines = (
        tariff.line("CPU", "vCPU-h", *kept, (cpu, "vCPU")),
        tariff.line("memory", "GB-h", *kept, (memory, "GB")),
    )
    asked_for = f"{demand.cpu} vCPU and {demand.memory} bytes"
    fixed = f"Fargate has fixed sizes: {asked_for} become {cpu} vCPU and {memory} GB, all month"
    return Charges(lines, (fixed, ARCHITECTURES))


def local(demand: Demand, tariff: Tariff) -> Charges:
    """Share the cost of an own machine: memory all month, CPU at least while it works."""
    copies = _copies(max(demand.warm, 1))
    month = Band.exactly(HOURS)
    busy = demand.runs.low * demand.seconds.low / HOUR
    hours = Band(min(busy, HOURS), HOURS)
    lines = (
        tariff.line("CPU", "vCPU-h", copies, (hours, "h"), (demand.cpu, "vCPU")),
        tariff.line("memory", "GiB-h", copies, (month, "h"), (demand.gib, "GiB")),
    )
    return Charges(lines, (SHARED,))


MODELS: Mapping[str, Callable[[Demand, Tariff], Charges]] = {
    "cloudrun": cloudrun,
    "lambda": aws_lambda,
    "fargate": fargate,
    "local": local,
}


def _copies(count: int) -> tuple[Band, str]:
    return Band.exactly(count), "copy" if count == 1 else "copies"


def _known(hours: Band | None, unit: str) -> tuple[tuple[Band, str], ...]:
    """Return the factors for declared hours, none if there are none."""
    return ((hours, unit), (Band.exactly(HOUR), "s per h")) if hours else ()


def _fargate_size(cpu: Decimal, gib: Decimal) -> tuple[Decimal, Decimal]:
    """Return the smallest size on sale with so much CPU and memory, the largest if none has."""
    for size, least, most, step in FARGATE_SIZES:
        if cpu <= size and gib <= most:
            return size, least if gib <= least else round_up(gib, step)
    size, _, most, _ = FARGATE_SIZES[-1]
    return size, Decimal(most)
