"""Deliveries are plain values."""

from resolver.wire.delivery import Delivery


def test_nothing_said_is_silence() -> None:
    assert Delivery() == Delivery((), seconds=0.0, reset=False)


def test_deliveries_are_compared_by_what_they_hold() -> None:
    assert Delivery((b"a", b"b")) == Delivery((b"a", b"b"))
    assert Delivery((b"a",)) != Delivery((b"a",), reset=True)
