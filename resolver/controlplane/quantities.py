"""Amounts such as ``500m`` or ``1Gi`` in the form the API answers them (apimachinery pkg/api/resource)."""

import re
from decimal import ROUND_UP, Context, Decimal, localcontext
from typing import Final

_SHAPE: Final = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([a-zA-Z]*|[eE][+-]?[0-9]+)")
_DECIMAL: Final = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_DECIMAL_NAMES: Final = {power: name for name, power in _DECIMAL.items()}
_BINARY_NAMES: Final = {power: name for name, power in _BINARY.items()} | {0: ""}
_MOST: Final = (1 << 63) - 1
_EXACT: Final = Context(prec=200)
_FORMAT_WRONG: Final = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_SUFFIX_WRONG: Final = "unable to parse quantity's suffix"


class BadQuantity(ValueError):
    """Text that is no amount; the message is the API's."""


def canonical_quantity(text: str) -> str:
    """The shortest form without a fraction. Raises BadQuantity."""
    shape = _SHAPE.fullmatch(text.strip())
    if shape is None or not (shape[2] or shape[3]):
        raise BadQuantity(_FORMAT_WRONG)
    sign, whole, fraction, suffix = shape[1], shape[2], shape[3] or "", shape[4]
    with localcontext(_EXACT):
        amount = Decimal(f"{whole or '0'}.{fraction or '0'}")
        if suffix in _BINARY:
            amount *= 1 << _BINARY[suffix]
        elif suffix in _DECIMAL:
            amount = amount.scaleb(_DECIMAL[suffix])
        elif suffix[:1] in "eE" and suffix[1:].lstrip("+-").isdigit():
            amount = amount.scaleb(int(suffix[1:]))
        else:
            raise BadQuantity(_SUFFIX_WRONG)
        amount = amount.quantize(Decimal("1e-9"), rounding=ROUND_UP)
        if not amount:
            return "0"
        if suffix in _BINARY:
            amount = min(amount, Decimal(_MOST))
        text = _written(amount, suffix)
    return f"-{text}" if sign == "-" else text


def _written(amount: Decimal, suffix: str) -> str:
    if suffix in _BINARY and amount >= 1024 and amount == amount.to_integral_value():
        number, power = int(amount), 0
        while number % 1024 == 0 and power < 60:
            number //= 1024
            power += 10
        return f"{number}{_BINARY_NAMES[power]}"
    number, power = int(amount.scaleb(9)), -9
    most = 18 if suffix in _BINARY or suffix in _DECIMAL else 10_000
    while number % 1000 == 0 and power < most:
        number //= 1000
        power += 3
    if suffix in _BINARY or suffix in _DECIMAL:
        return f"{number}{_DECIMAL_NAMES[power]}"
    return f"{number}e{power}" if power else str(number)
