"""Values of faults: what is read, what is refused, and that texts are read back as what they were."""

from ipaddress import ip_address, ip_network
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.faults import values
from resolver.faults.bad_fault import BadFault
from resolver.faults.values import Only, Order

SECONDS = [
    ("250ms", 0.25), ("2s", 2.0), ("2", 2.0), ("1.5", 1.5), (".5s", 0.5), ("2m", 120.0), ("1h", 3600.0), (3, 3.0),
    (0.25, 0.25), ("0", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("value", "expected"), SECONDS)
def test_times_are_read(value: object, expected: float) -> None:
    assert values.seconds(value, "delay", 3600.0) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["", "s", "2x", "-1s", "1,5", True, inf, nan, -1.0, 3601, "2h"])
def test_what_is_no_time_within_bounds_is_refused(value: object) -> None:
    with pytest.raises(BadFault, match="delay"):
        values.seconds(value, "delay", 3600.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("2s", (2.0, 2.0)), ("100ms-2s", (0.1, 2.0)), (1, (1.0, 1.0)), ((0.1, "2s"), (0.1, 2.0)), ([3], (3.0, 3.0))],
)
def test_ranges_of_time_are_read(value: object, expected: tuple[float, float]) -> None:
    assert values.seconds_range(value, "delay", 60.0) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["2s-1s", "1s-2s-3s", (), "1s-", "x-y"])
def test_bad_ranges_are_refused(value: object) -> None:
    with pytest.raises(BadFault):
        values.seconds_range(value, "delay", 60.0)  # type: ignore[arg-type]


@given(st.floats(0, 1e9))
def test_a_time_is_written_so_that_it_is_read_again(value: float) -> None:
    assert values.seconds(values.seconds_text(value), "delay", 1e9) == pytest.approx(value, rel=1e-15, abs=1e-29)


@given(st.integers(0, 10_000_000))
def test_whole_milliseconds_are_read_again_exactly(milliseconds: int) -> None:
    value = milliseconds / 1_000
    assert values.seconds(values.seconds_text(value), "delay", 1e9) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "250ms"), (2, "2s"), (120, "2m"), (7_200, "2h"), (90, "90s"), (0, "0s"), (1.5, "1.5s")]
)
def test_times_are_written_as_people_do(value: float, text: str) -> None:
    assert values.seconds_text(value) == text


@pytest.mark.parametrize(("value", "expected"), [(3, 3), ("3", 3), ("007", 7)])
def test_whole_numbers_are_read(value: int | str, expected: int) -> None:
    assert values.whole(value, "times", 1, 10) == expected


@pytest.mark.parametrize("value", ["x", "3.0", "-1", "", "٣", True, 0, 11, 2.0])
def test_what_is_no_whole_number_within_bounds_is_refused(value: object) -> None:
    with pytest.raises(BadFault, match="times"):
        values.whole(value, "times", 1, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "expected"), [(0.3, 0.3), ("0.3", 0.3), ("30%", 0.3), (1, 1.0), ("0", 0.0)])
def test_probabilities_are_read(value: float | str, expected: float) -> None:
    assert values.share(value, "probability") == expected


@pytest.mark.parametrize("value", ["x", "", "101%", 1.1, -0.1, nan, "nan", "%"])
def test_what_is_no_probability_is_refused(value: float | str) -> None:
    with pytest.raises(BadFault, match="from 0 to 1"):
        values.share(value, "probability")


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, ()), ("AAAA", (28,)), ("a,aaaa", (1, 28)), (["A", 28, "A"], (1, 28)), ("TYPE65280", (65280,)), (1, (1,))],
)
def test_types_are_read(value: object, expected: tuple[int, ...]) -> None:
    assert values.record_types(value) == expected  # type: ignore[arg-type]


def test_an_unknown_type_is_told_the_nearest() -> None:
    with pytest.raises(BadFault, match=r"there is no record type 'AAA'.*did you mean AAAA"):
        values.record_types("AAA")


@pytest.mark.parametrize(("value", "expected"), [("servfail", 2), ("RCODE12", 12), (5, 5), ("23", 23), ("noerror", 0)])
def test_rcodes_are_read(value: str | int, expected: int) -> None:
    assert values.rcode(value) == expected


@pytest.mark.parametrize(("value", "part"), [("SERVFAL", "did you mean SERVFAIL"), (4096, "from 0 to"), (-1, "from 0")])
def test_bad_rcodes_are_refused(value: str | int, part: str) -> None:
    with pytest.raises(BadFault, match=part):
        values.rcode(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, Only(1)),
        ("2", Only(2)),
        ("10.0.0.1", Only(None, (ip_network("10.0.0.1"),))),
        ("10.0.0.9/8,fd00::/64", Only(None, (ip_network("10.0.0.0/8"), ip_network("fd00::/64")))),
        ([ip_address("10.0.0.1")], Only(None, (ip_network("10.0.0.1"),))),
    ],
)
def test_what_only_leaves_is_read(value: object, expected: Only) -> None:
    assert values.only(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("fixed", Order("fixed")),
        ("Descending", Order("descending")),
        ("10.0.0.2,fd00::1", Order("", (ip_address("10.0.0.2").packed, ip_address("fd00::1").packed))),
    ],
)
def test_orders_are_read(value: object, expected: Order) -> None:
    assert values.order(value) == expected


BAD_ADDRESSES = [
    (values.only, 0, "from 1"),
    (values.only, "10.0.0.300", "no address"),
    (values.only, [], "takes 1 to"),
    (values.order, "fixd", "did you mean fixed"),
    (values.order, "10.0.0", "no address"),
]


@pytest.mark.parametrize(("read", "value", "part"), BAD_ADDRESSES)
def test_bad_addresses_are_refused(read: object, value: object, part: str) -> None:
    with pytest.raises(BadFault, match=part):
        read(value)  # type: ignore[operator]


def test_addresses_are_written_as_they_are_read() -> None:
    packed = values.addresses("10.0.0.1,fd00::1,10.0.0.1", "replace")
    assert values.addresses_text(packed) == "10.0.0.1,fd00::1"
    assert values.network_text(ip_network("10.0.0.1")) == "10.0.0.1"
    assert values.network_text(ip_network("10.0.0.0/8")) == "10.0.0.0/8"


def test_more_addresses_than_there_may_be_are_refused() -> None:
    with pytest.raises(BadFault, match="not 300"):
        values.addresses([f"10.0.{n // 256}.{n % 256}" for n in range(300)], "replace")
