from ipaddress import ip_address

import pytest

from resolver.controlplane.address_range import AddressRange
from resolver.controlplane.ip_text import parsed_prefix


def _range(text: str) -> AddressRange:
    prefix = parsed_prefix(text)
    assert prefix is not None
    return AddressRange(prefix)


def _picked(addresses: AddressRange, seed: int) -> str | None:
    picked = addresses.pick(seed)
    if picked is not None:
        addresses.mark(ip_address(picked).packed, True)
    return picked


@pytest.mark.parametrize(
    ("text", "usable", "band"),
    [
        ("10.0.0.0/29", 6, 0),
        ("10.0.0.0/28", 14, 0),
        ("10.0.0.0/27", 30, 16),
        ("10.0.0.0/24", 254, 16),
        ("10.0.0.0/20", 4_094, 256),
        ("10.0.0.0/8", (1 << 24) - 2, 256),
        ("fd00::/125", 7, 0),
        ("fd00::/112", 65_535, 256),
        ("fd00::/64", (1 << 64) - 1, 256),
    ],
)
def test_sizes_and_static_bands(text: str, usable: int, band: int) -> None:
    addresses = _range(text)
    assert (addresses.usable, addresses.band) == (usable, band)


@pytest.mark.parametrize("text", ["10.0.0.0/27", "fd00::/123", "10.0.0.0/24"])
@pytest.mark.parametrize("seed", [0, 3, (1 << 64) - 1])
def test_every_address_is_picked_once_the_band_last(text: str, seed: int) -> None:
    addresses = _range(text)
    picked = [_picked(addresses, seed) for _ in range(addresses.usable)]
    assert set(picked) == {addresses.address(number) for number in range(1, addresses.usable + 1)}
    assert set(picked[-addresses.band :]) == {addresses.address(number) for number in range(1, addresses.band + 1)}
    assert addresses.pick(seed) is None


def test_what_is_given_back_is_picked_again() -> None:
    addresses = _range("fd00::/64")
    first = _picked(addresses, 5)
    assert first is not None
    assert addresses.pick(5) != first
    addresses.mark(ip_address(first).packed, False)
    assert addresses.pick(5) == first


def test_a_pick_from_a_sparse_range_needs_no_look_at_the_rest() -> None:
    addresses = _range("fd00::/64")
    assert addresses.pick(1 << 50) == str(ip_address("fd00::") + 257 + (1 << 50) % (addresses.usable - 256))


@pytest.mark.parametrize(
    ("address", "inside"),
    [("10.0.0.0", False), ("10.0.0.1", True), ("10.0.0.254", True), ("10.0.0.255", False), ("fd00::1", False)],
)
def test_what_is_in_a_range(address: str, inside: bool) -> None:
    addresses = _range("10.0.0.0/24")
    packed = ip_address(address).packed
    assert addresses.contains(packed) == inside
    addresses.mark(packed, True)  # no harm where it is outside
