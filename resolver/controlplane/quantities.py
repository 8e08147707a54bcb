"""Amounts such as ``500m`` or ``1Gi`` in the form the API answers them (apimachinery pkg/api/resource)."""

import re
from typing import Final, NamedTuple

from resolver import limits

_NUMBER: Final = re.compile(r"([+-]?)0*([0-9]*)(?:(\.)([0-9]*))?")
_SUFFIX: Final = re.compile(r"[eEinumkKMGTP]*[+-]?[0-9]*")
_EXPONENT: Final = re.compile(r"[eE]([+-]?[0-9]+)")
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES: Final = {power: name for name, power in _DECIMAL.items()}
_BINARY_NAMES: Final = {power: name for name, power in _BINARY.items()} | {0: ""}
_MOST: Final = (1 << 63) - 1
_EXACT_DIGITS: Final = 18  # what fits an int64 without a look
_SMALLEST: Final = -9
_MILLI: Final = -3
_FORMAT_WRONG: Final = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX_WRONG: Final = "unable to parse quantity's suffix"
_NUMBER_WRONG: Final = "unable to parse numeric part of quantity"


class BadQuantity(ValueError):
    """Text that is no amount; the message is the API's."""


class Quantity(NamedTuple):
    """`digits` times ten to the `power`. `suffix` tells the family of suffixes it is written in.

    `text`: as it was written, where the API keeps that; else empty.
    """

    digits: int
    power: int
    suffix: str
    negative: bool = False
    text: str = ""

    def __str__(self) -> str:
        return self.text or _written(self)


def parsed_quantity(text: str) -> Quantity:
    """Raises BadQuantity."""
    text = text.strip(" \t\r\n\v\f\x85\xa0")
    sign, whole, fraction, suffix = _parts(text)
    if len(whole) + len(fraction) > limits.QUANTITY_DIGITS:
        raise BadQuantity(_NUMBER_WRONG)
    digits = int(whole + fraction)
    exponent = _exponent(suffix)
    exact = _precision(whole, fraction, suffix) >= 0
    if suffix in _BINARY:
        if exact:
            kept = text if digits & 7 else ""
            return Quantity(digits << _BINARY[suffix], 0, suffix, sign == "-", kept)
        return _capped(digits << _BINARY[suffix], -len(fraction), suffix, sign == "-")
    power = exponent - len(fraction)
    if exact and power >= _SMALLEST:
        shifted = whole + fraction
        canonical = power % 3 == 0 and shifted[-3:] != "000" and shifted[0] != "0"
        return Quantity(digits, power, suffix, sign == "-", text if canonical else "")
    return _rounded(Quantity(digits, power, suffix, sign == "-"), _SMALLEST)


def canonical_quantity(text: str) -> str:
    """The amount as it is answered. Raises BadQuantity."""
    return str(parsed_quantity(text))


def rounded_to_milli(text: str) -> str:
    """The same amount, or the next thousandth above it: containers and Nodes do not have less."""
    return str(_rounded(parsed_quantity(text), _MILLI))


def is_whole(text: str) -> bool:
    """No thousandths are left over."""
    quantity = _rounded(parsed_quantity(text), _MILLI)
    return quantity.power >= 0 or quantity.digits % 10**-quantity.power == 0


def _parts(text: str) -> tuple[str, str, str, str]:
    """Sign, digits before and after the point, suffix."""
    number = _NUMBER.match(text)
    if not text or number is None:
        raise BadQuantity(_FORMAT_WRONG)
    suffix = text[number.end() :]
    if not _SUFFIX.fullmatch(suffix):
        raise BadQuantity(_FORMAT_WRONG)
    return number[1], number[2] or "0", number[4] or "", suffix


def _exponent(suffix: str) -> int:
    if suffix in _DECIMAL:
        return _DECIMAL[suffix]
    if suffix in _BINARY:
        return 0
    found = _EXPONENT.fullmatch(suffix)
    if found is None or len(found[1]) > limits.QUANTITY_DIGITS or not -1 << 63 <= int(found[1]) < 1 << 63:
        raise BadQuantity(_SUFFIX_WRONG)
    return (int(found[1]) + (1 << 31)) % (1 << 32) - (1 << 31)  # Go cuts it down to 32 bits


def _precision(whole: str, fraction: str, suffix: str) -> int:
    """Below 0 where Go takes the slow way, which never keeps the text."""
    if suffix not in _BINARY:
        return _EXACT_DIGITS - len(whole) - len(fraction)
    return -1 if fraction else 14 - len(whole) - _BINARY[suffix] * 3 // 10


def _capped(digits: int, power: int, suffix: str, negative: bool) -> Quantity:
    quantity = _rounded(Quantity(digits, power, suffix, negative), _SMALLEST)
    if quantity.digits > _MOST * 10**-quantity.power:
        quantity = quantity._replace(digits=_MOST, power=0)
    below_one = 0 < quantity.digits < 10**-quantity.power
    return quantity._replace(suffix="") if below_one else quantity


def _rounded(quantity: Quantity, least: int) -> Quantity:
    """Away from zero to a power of ten."""
    if quantity.power >= least:
        return quantity
    dropped = least - quantity.power
    digits = -(-quantity.digits // 10**dropped) if dropped <= limits.QUANTITY_DIGITS else min(quantity.digits, 1)
    return quantity._replace(digits=digits, power=least, text="")


def _written(quantity: Quantity) -> str:
    digits, power, suffix, negative, _ = quantity
    if not digits:
        return "0"
    sign = "-" if negative else ""
    if suffix in _BINARY:
        whole, rest = divmod(digits, 10**-power)
        if not rest and whole >= 1024:
            return sign + _written_binary(whole)
    while digits % 10 == 0:
        digits //= 10
        power += 1
    digits *= 10 ** (power % 3)
    power -= power % 3
    if suffix in _BINARY or suffix in _DECIMAL:
        return f"{sign}{digits}{_DECIMAL_NAMES.get(power, '')}"  # Go too has no name beyond E, and leaves it out
    return f"{sign}{digits}e{power}" if power else f"{sign}{digits}"


def _written_binary(number: int) -> str:
    power = 0
    while number % 1024 == 0:
        number >>= 10
        power += 10
    return f"{number}{_BINARY_NAMES.get(power, '')}"
