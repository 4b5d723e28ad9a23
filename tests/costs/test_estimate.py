"""Estimates against numbers that were worked out by hand."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from connectory.costs.billing import TargetNotPricedError
from connectory.costs.book import load
from connectory.costs.estimate import estimate
from connectory.kernel.money import Money
from connectory.manifest.model import Manifest

Build = Callable[..., Manifest]
BOOK = load()
QUARTER = {"cpu": 0.25, "memory": "256Mi"}  # 0.25 vCPU, 0.25 GiB


def usd(text: str) -> Money:
    return Money(Decimal(text), "USD")


def test_a_quarter_core_on_cloud_run(manifest: Build) -> None:
    use = manifest(meters={"requests": 30000, "duration-s": 0.2}, resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    # 6,000 s * 0.25 * 0.000024 + 6,000 s * 0.25 * 0.0000025 + 0.03 * 0.40
    # = 0.036 + 0.00375 + 0.012
    assert (cost.low, cost.high) == (usd("0.05175"), usd("0.05175"))
    assert [line.low for line in cost.lines] == [usd("0.036"), usd("0.00375"), usd("0.012")]
    assert cost.formula == (
        "30,000 runs \N{MULTIPLICATION SIGN} 0.2 s \N{MULTIPLICATION SIGN} 0.25 vCPU "
        "\N{MULTIPLICATION SIGN} 0.000024 USD per vCPU-s + "
        "30,000 runs \N{MULTIPLICATION SIGN} 0.2 s \N{MULTIPLICATION SIGN} 0.25 GiB "
        "\N{MULTIPLICATION SIGN} 0.0000025 USD per GiB-s + "
        "0.03 million \N{MULTIPLICATION SIGN} 0.4 USD per million requests"
    )


def test_256m_are_256_million_bytes(manifest: Build) -> None:
    resources = {"cpu": 0.25, "memory": "256M"}
    use = manifest(meters={"requests": 30000, "duration-s": 0.2}, resources=resources)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    # 256,000,000 / 2^30 = 0.2384185791015625 GiB; 6,000 s * that * 0.0000025
    assert cost.lines[1].low == usd("0.0035762786865234375")


def test_cloud_run_bills_each_started_tenth_of_a_second(manifest: Build) -> None:
    use = manifest(meters={"requests": 10000, "duration-s": 0.01}, resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    # 10,000 * 0.1 s * 0.25 * 0.000024
    assert cost.lines[0].low == usd("0.006")


def test_copies_that_are_kept_warm_cost_all_month(manifest: Build) -> None:
    use = manifest(meters={"requests": 0}, resources=QUARTER | {"min_instances": 1})

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    # 730 h * 3,600 s * 0.25 * 0.0000025 = 1.6425, for CPU and the same for memory
    assert cost.low == usd("3.285")


def test_lambda_takes_whole_mebibytes_and_the_memory_that_brings_the_cpu(
    manifest: Build,
) -> None:
    resources = {"cpu": 0.25, "memory": "256M"}
    use = manifest(meters={"requests": 1000000, "duration-s": 0.2}, resources=resources)

    cost = estimate(use, target="lambda", region="us-east-1", book=BOOK)

    # low: 244.14 -> 245 MiB; 200,000 s * 245/1024 GB = 47,851.5625 GB-s * 0.0000133334
    assert cost.lines[0].low == usd("0.63802402343750")
    # high: 0.25 * 1769 = 442.25 -> 443 MiB; 86,523.4375 GB-s * 0.0000166667
    assert cost.lines[0].high == usd("1.44206017578125")
    assert cost.lines[1].low == cost.lines[1].high == usd("0.20")
    assert any("245\N{EN DASH}443 MiB" in note for note in cost.assumptions)


def test_the_smallest_fargate_task_all_month(manifest: Build) -> None:
    use = manifest(meters={"events": 5}, resources=QUARTER)

    cost = estimate(use, target="fargate", region="us-east-1", book=BOOK)

    # the low end is arm64, 730 h * (0.25 * 0.03238 + 0.5 * 0.00356); the high end x86-64,
    # 730 h * (0.25 * 0.04048 + 0.5 * 0.004445)
    assert (cost.low, cost.high) == (usd("7.20875"), usd("9.010025"))


@pytest.mark.parametrize(
    ("cpu", "memory", "size"),
    [
        (0.25, "2100Mi", "0.5 vCPU and 3 GB"),
        (0.3, "100Mi", "0.5 vCPU and 1 GB"),
        (3, "31Gi", "8 vCPU and 32 GB"),
        (40, "500Gi", "16 vCPU and 120 GB"),
    ],
)
def test_fargate_sizes_are_rounded_up(
    manifest: Build, cpu: float, memory: str, size: str
) -> None:
    use = manifest(resources={"cpu": cpu, "memory": memory})

    cost = estimate(use, target="fargate", region="us-east-1", book=BOOK)

    assert any(f"become {size}, all month" in note for note in cost.assumptions)


def test_a_process_on_an_own_machine(manifest: Build) -> None:
    resources = {"cpu": 0.5, "memory": "512Mi"}
    use = manifest(meters={"runs": 36000, "duration-s": 1}, resources=resources)

    cost = estimate(use, target="local", region="us-east-1", book=BOOK)

    # memory: 730 h * 0.5 * 0.00257 = 0.93805; CPU: 10 h to 730 h * 0.5 * 0.0103
    assert cost.low == usd("0.98955")
    assert cost.high == usd("4.69755")


def test_declared_hours_stand_for_runs_times_seconds(manifest: Build) -> None:
    meters = {"requests": 1000000, "vcpu-hours": 10, "gb-hours": 20}
    use = manifest(meters=meters, resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    # 10 h * 3,600 * 0.000024; 20 h * 3,600 * 0.0000025; 1 * 0.40
    assert [line.high for line in cost.lines] == [usd("0.864"), usd("0.18"), usd("0.4")]


def test_use_per_day_counts_for_the_days_of_an_average_month(manifest: Build) -> None:
    use = manifest(meters={"requests": 2400}, per="day", resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    assert str(cost.lines[2].factors[0]) == "0.073 million"  # 2,400 * 730 / 24 = 73,000


def test_use_may_depend_on_the_settings_of_the_instance(manifest: Build) -> None:
    use = manifest(
        meters={"requests": "inputs.leads * 30"},
        resources=QUARTER,
        inputs=[{"name": "leads", "default": 100, "schema": {"type": "integer"}}],
    )

    by_default = estimate(use, target="cloudrun", region="us-east1", book=BOOK)
    chosen = estimate(
        use, target="cloudrun", region="us-east1", book=BOOK, inputs={"leads": "1000"}
    )

    assert str(by_default.lines[2].factors[0]) == "0.003 million"
    assert str(chosen.lines[2].factors[0]) == "0.03 million"


def test_a_setting_that_nobody_knows_counts_as_nothing_and_is_named(manifest: Build) -> None:
    use = manifest(meters={"requests": "inputs.leads * 30"}, inputs=["leads"])

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    assert "the number of requests counts the input leads as 0" in cost.assumptions


def test_what_the_manifest_does_not_say_is_assumed_as_a_range_and_told(
    manifest: Build,
) -> None:
    cost = estimate(manifest(), target="cloudrun", region="us-east1", book=BOOK)

    # 1,000 runs * 0.1 s * (0.25 * 0.000024 + 0.238... * 0.0000025) + 0.001 * 0.40, and
    # 30,000 runs * 1 s * (1 * 0.000024 + 0.476... * 0.0000025) + 0.03 * 0.40
    assert (str(cost.low), str(cost.high)) == ("$0.00", "$0.77")
    assert sum("the manifest does not say" in note for note in cost.assumptions) == 4


def test_a_schedule_is_counted_and_not_guessed(manifest: Build) -> None:
    use = manifest(triggers=[{"type": "schedule", "cron": "@hourly"}], resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    assert str(cost.lines[0].factors[0]) == "730 runs"


def test_a_meter_without_a_price_is_told(manifest: Build) -> None:
    use = manifest(meters={"rows": 10})

    cost = estimate(use, target="local", region="us-east-1", book=BOOK)

    assert "the meter rows has no price and is not counted" in cost.assumptions


def test_the_region_may_be_spelled_as_another_cloud_does(manifest: Build) -> None:
    use = manifest(resources=QUARTER)

    one = estimate(use, target="cloudrun", region="us-east-1", book=BOOK)
    other = estimate(use, target="cloud-run", region="us-east1", book=BOOK)

    assert one == other


def test_a_region_without_prices_costs_up_to_a_third_more_and_says_so(
    manifest: Build,
) -> None:
    use = manifest(meters={"requests": 30000, "duration-s": 0.2}, resources=QUARTER)

    cost = estimate(use, target="cloudrun", region="africa-south1", book=BOOK)

    assert (cost.low, cost.high) == (usd("0.05175"), usd("0.067275"))  # * 1.3
    assert any("no prices for africa-south1" in note for note in cost.assumptions)


def test_a_target_without_prices_is_an_answer(manifest: Build) -> None:
    with pytest.raises(TargetNotPricedError, match="node-red") as refused:
        estimate(manifest(), target="node-red", region="us-east-1", book=BOOK)

    assert "cloudrun, fargate, lambda, local" in refused.value.hint


def test_the_runs_of_all_triggers_add_up(manifest: Build) -> None:
    triggers = [{"type": "schedule", "cron": "@hourly"}, {"type": "manual"}]

    cost = estimate(
        manifest(triggers=triggers, resources=QUARTER),
        target="cloudrun",
        region="us-east1",
        book=BOOK,
    )

    assert str(cost.lines[0].factors[0]) == "740\N{EN DASH}830 runs"


def test_a_run_is_not_assumed_longer_than_its_timeout(manifest: Build) -> None:
    use = manifest(triggers=["manual"], runtime={"type": "serverless", "timeout": "10s"})

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    assert str(cost.lines[0].factors[1]) == "1\N{EN DASH}10 s"


@pytest.mark.parametrize(
    "value", ["many", "NaN", "1e999999", pytest.param(10**5000, id="huge"), True, None, ["5"]]
)
def test_a_setting_that_is_no_number_counts_as_nothing(manifest: Build, value: object) -> None:
    use = manifest(meters={"requests": "inputs.leads * 30"}, inputs=["leads"])

    cost = estimate(
        use, target="cloudrun", region="us-east1", book=BOOK, inputs={"leads": value}
    )

    assert str(cost.lines[2].factors[0]) == "0 million"


def test_a_formula_below_zero_counts_as_nothing(manifest: Build) -> None:
    use = manifest(meters={"requests": "10 - 20"})

    cost = estimate(use, target="cloudrun", region="us-east1", book=BOOK)

    assert str(cost.lines[2].factors[0]) == "0 million"


def test_lambda_does_not_count_copies_that_are_kept_warm_and_says_so(manifest: Build) -> None:
    use = manifest(resources=QUARTER | {"min_instances": 2})

    cost = estimate(use, target="lambda", region="us-east-1", book=BOOK)

    assert "copies that are kept warm are not counted for Lambda" in cost.assumptions
