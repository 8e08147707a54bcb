import pytest
from prometheus_client.parser import text_string_to_metric_families

from resolver.plugins.exposition import page_maker
from resolver.plugins.metric_rows import Buckets, MetricRow


def samples(*rows: MetricRow, runtime: bool = False) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """The page of these rows, as Prometheus reads it."""
    page = page_maker(lambda: rows, runtime=lambda: runtime)().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_counters_and_gauges_keep_their_names_and_labels() -> None:
    found = samples(
        MetricRow("coredns_panics_total", "counter", "Panics.", (), 3),
        MetricRow("coredns_x", "gauge", 'Quotes " and \\.', (("name", 'a"b\\c\nd'),), 0.5),
    )
    assert found["coredns_panics_total", ()] == 3
    assert found["coredns_x", (("name", 'a"b\\c\nd'),)] == 0.5


def test_rows_of_several_blocks_are_added_up() -> None:
    labels = (("to", "10.0.0.1:53"),)
    found = samples(
        MetricRow("coredns_x_total", "counter", "", labels, 1),
        MetricRow("coredns_x_total", "counter", "", labels, 2),
        MetricRow("coredns_x_total", "counter", "", (("to", "other"),), 4),
        MetricRow("coredns_read_timestamp_seconds", "gauge", "", (), 5.0),
        MetricRow("coredns_read_timestamp_seconds", "gauge", "", (), 4.0),
    )
    assert found["coredns_x_total", labels] == 3
    assert found["coredns_x_total", (("to", "other"),)] == 4
    assert found["coredns_read_timestamp_seconds", ()] == 5


def test_histograms_are_cumulative() -> None:
    one = MetricRow("coredns_d_seconds", "histogram", "", (("zone", "."),), Buckets((0.00025, 16e3), (1, 2, 4), 7.5))
    found = samples(one, one)
    assert [
        found["coredns_d_seconds_bucket", (("le", bound), ("zone", "."))] for bound in ("0.00025", "16000", "+Inf")
    ] == [2, 6, 14]
    assert found["coredns_d_seconds_count", (("zone", "."),)] == 14
    assert found["coredns_d_seconds_sum", (("zone", "."),)] == 15


def test_a_name_is_a_histogram_everywhere_or_nowhere() -> None:
    row = MetricRow("coredns_d", "gauge", "", (), 1)
    with pytest.raises(TypeError, match="coredns_d is a histogram"):
        samples(row, MetricRow("coredns_d", "histogram", "", (), Buckets((), (1,), 1.0)))


def test_the_process_is_measured_too_and_more_of_it_when_asked() -> None:
    names = {name for name, _ in samples()}
    assert "python_info" in names
    more = {name for name, _ in samples(runtime=True)}
    assert more - names == {
        "python_gc_collections_total",
        "python_gc_objects_collected_total",
        "python_gc_objects_uncollectable_total",
    }
