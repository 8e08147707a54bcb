from resolver.plugins.metric_rows import TIME_BUCKETS, Buckets, Histogram


def test_a_value_on_a_bound_belongs_to_the_bucket_that_ends_there() -> None:
    histogram = Histogram((1.0, 2.0))
    for value in (0.5, 1.0, 1.5, 2.0, 2.5):
        histogram.observe(value)
    assert histogram.value == Buckets((1.0, 2.0), (2, 2, 1), 7.5)


def test_equal_values_can_be_counted_together() -> None:
    histogram = Histogram((1.0,))
    histogram.observe(0.5, 4)
    assert histogram.value == Buckets((1.0,), (4, 0), 2.0)


def test_durations_have_the_buckets_of_coredns() -> None:
    assert TIME_BUCKETS[:3] == (0.00025, 0.0005, 0.001)
    assert (len(TIME_BUCKETS), TIME_BUCKETS[-1]) == (16, 8.192)
