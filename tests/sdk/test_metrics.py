import pytest

from connectory_sdk.metrics import Counter, Gauge, Histogram, Registry


def test_a_counter_is_served_with_help_and_type_from_the_start() -> None:
    registry = Registry()
    registry.add(Counter("posts_total", "Posts\nso far."))

    assert registry.text() == (
        "# HELP posts_total Posts\\nso far.\n# TYPE posts_total counter\nposts_total 0\n"
    )


def test_series_are_told_apart_by_their_labels_which_are_escaped() -> None:
    posts = Counter("posts_total", "Posts.", ("channel",))

    posts.inc(channel="#a")
    posts.inc(2.5, channel='"{}\n\\')

    assert list(posts.lines())[2:] == [
        'posts_total{channel="\\"{}\\n\\\\"} 2.5',
        'posts_total{channel="#a"} 1',
    ]
    assert posts.value(channel="#a") == 1


def test_a_gauge_goes_up_and_down() -> None:
    depth = Gauge("depth", "Depth.")

    depth.set(4)
    depth.inc(-1)

    assert list(depth.lines())[1:] == ["# TYPE depth gauge", "depth 3"]


def test_a_histogram_counts_up_to_each_bound() -> None:
    seconds = Histogram("seconds", "Seconds.", ("op",), bounds=(0.1, 1))

    for value in (0.05, 0.1, 0.5, 7):
        seconds.observe(value, op="x")

    assert list(seconds.lines())[2:] == [
        'seconds_bucket{op="x",le="0.1"} 2',
        'seconds_bucket{op="x",le="1"} 3',
        'seconds_bucket{op="x",le="+Inf"} 4',
        'seconds_sum{op="x"} 7.65',
        'seconds_count{op="x"} 4',
    ]


def test_infinite_values_are_written_as_prometheus_reads_them() -> None:
    worst = Gauge("worst", "Worst.")

    worst.set(float("-inf"))

    assert list(worst.lines())[-1] == "worst -Inf"


def test_not_a_number_is_written_as_prometheus_reads_it() -> None:
    worst = Gauge("worst", "Worst.")

    worst.set(float("nan"))

    assert list(worst.lines())[-1] == "worst NaN"


def test_a_counter_cannot_shrink() -> None:
    with pytest.raises(ValueError, match="cannot shrink"):
        Counter("posts_total", "Posts.").inc(-1)


def test_a_series_needs_exactly_the_labels_of_its_metric() -> None:
    with pytest.raises(ValueError, match="channel"):
        Counter("posts_total", "Posts.", ("channel",)).inc(chanel="#a")


@pytest.mark.parametrize(
    ("name", "labels"), [("a-b", ()), ("a b", ()), ("ok", ("a-b",)), ("", ())]
)
def test_names_that_prometheus_refuses_are_refused(name: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="not a valid metric"):
        Counter(name, "Help.", labels)


@pytest.mark.parametrize("bounds", [(1, 1), (2, 1)])
def test_bounds_that_do_not_rise_are_refused(bounds: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="rising bounds"):
        Histogram("seconds", "Seconds.", bounds=bounds)


def test_a_name_can_be_served_only_once() -> None:
    registry = Registry()
    registry.add(Gauge("depth", "Depth."))

    with pytest.raises(ValueError, match="already a metric depth"):
        registry.add(Gauge("depth", "Depth."))
