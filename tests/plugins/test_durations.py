import pytest

from resolver.plugins.durations import duration_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0s"),
        (5.0, "5s"),
        (0.25, "250ms"),
        (1.5, "1.5s"),
        (60.0, "1m0s"),
        (90.0, "1m30s"),
        (3600.0, "1h0m0s"),
        (3661.25, "1h1m1.25s"),
        (0.0000015, "1.5µs"),
        (0.000000007, "7ns"),
        (0.9995, "999.5ms"),
        (-2.0, "-2s"),
    ],
)
def test_a_duration_reads_as_go_prints_it(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
