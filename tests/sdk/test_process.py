"""A connector says what its own process takes."""

from connectory_sdk import process
from connectory_sdk.metrics import METRICS


def test_memory_and_processor_time_are_served_as_they_are_now() -> None:
    process.measure()
    before = process.CPU.value()
    sum(number * number for number in range(300_000))

    process.measure()

    assert process.CPU.value() > before > 0
    assert 1_000_000 < process.MEMORY.value() < 10_000_000_000
    assert "\nprocess_resident_memory_bytes " in METRICS.text()
