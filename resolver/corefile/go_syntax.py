"""Values in the spelling of Go's standard library, which is what the options of CoreDNS's plugins take.

Each function takes a text and returns its value, or raises ValueError with the text of Go's own error.
"""

import ipaddress
import math
import re
from typing import Final

from resolver import limits

_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?", re.ASCII | re.IGNORECASE)
_INFINITE = re.compile(r"[+-]?inf(?:inity)?|nan", re.ASCII | re.IGNORECASE)
_TRUE: Final = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE: Final = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_DURATION_PART = re.compile(r"(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?(?P<unit>[^.0-9]*)")
_NANOSECONDS: Final = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_INT64: Final = 1 << 63
_ESCAPES: Final = {'"': r"\"", "\\": r"\\"} | dict(zip("\a\b\f\n\r\t\v", (rf"\{c}" for c in "abfnrtv"), strict=True))


def quote(text: str) -> str:
    """The text between double quotes, as `strconv.Quote` and `%q` print it."""
    return f'"{"".join(map(_quoted, text))}"'


def _quoted(character: str) -> str:
    code = ord(character)
    if character in _ESCAPES or character.isprintable():
        return _ESCAPES.get(character, character)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x1_0000 else f"\\U{code:08x}"


def integer(text: str) -> int:
    """`strconv.Atoi`: an optional sign and decimal digits, within 64 bits."""
    if not _INTEGER.fullmatch(text):
        raise ValueError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax")
    digits = text.lstrip("+-").lstrip("0")
    size = int(digits or "0") if len(digits) < 20 else _INT64 + 1
    value = -size if text[0] == "-" else size
    if not -_INT64 <= value < _INT64:
        raise ValueError(f"strconv.Atoi: parsing {quote(text)}: value out of range")
    return value


def decimal(text: str) -> float:
    """`strconv.ParseFloat`, but for hexadecimal numbers and their underscores."""
    if _INFINITE.fullmatch(text):
        return float(text)
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: invalid syntax")
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range")
    return value


def boolean(text: str) -> bool:
    """`strconv.ParseBool`: 1, t, T, true, TRUE, True and their opposites."""
    if text not in _TRUE | _FALSE:
        raise ValueError(f"strconv.ParseBool: parsing {quote(text)}: invalid syntax")
    return text in _TRUE


def duration(text: str) -> float:
    """`time.ParseDuration`, in seconds: an optional sign and numbers with units (`300ms`, `2h45m`), or a bare 0."""
    rest = text[1:] if text[:1] in {"+", "-"} else text
    if rest == "0":
        return 0.0
    nanoseconds = 0
    position = 0
    while position < len(rest):
        part = _DURATION_PART.match(rest, position)
        if part is None or not (part["whole"] or part["fraction"]) or _is_huge(part["whole"]):
            break
        position = part.end()
        if not part["unit"]:
            raise ValueError(f"time: missing unit in duration {_quoted_bytes(text)}")
        if part["unit"] not in _NANOSECONDS:
            raise ValueError(f"time: unknown unit {_quoted_bytes(part['unit'])} in duration {_quoted_bytes(text)}")
        nanoseconds += _part_nanoseconds(part["whole"], part["fraction"] or "", _NANOSECONDS[part["unit"]])
        if nanoseconds > _INT64:
            break
    else:
        if rest and nanoseconds < _INT64 + (text[0] == "-"):
            return (-nanoseconds if text[0] == "-" else nanoseconds) / 1e9
    raise ValueError(f"time: invalid duration {_quoted_bytes(text)}")


def _is_huge(digits: str) -> bool:
    significant = digits.lstrip("0")
    return len(significant) > 19 or int(significant or "0") > _INT64


def _part_nanoseconds(whole: str, fraction: str, unit: int) -> int:
    """One number of a duration; its fraction goes through floating point, and loses digits beyond 64 bits, as in Go."""
    value = used = 0
    for digit in fraction:
        if value > (_INT64 - 1) // 10 or value * 10 + int(digit) > _INT64:
            break
        value = value * 10 + int(digit)
        used += 1
    return int(whole.lstrip("0") or "0") * unit + int(value * (unit / 10.0**used))


def _quoted_bytes(text: str) -> str:
    """The text between double quotes as package time prints it: all that is not plain ASCII in hexadecimal."""
    return '"' + "".join(_quoted_byte(byte) for byte in text.encode(errors="replace")) + '"'


def _quoted_byte(byte: int) -> str:
    if byte in b'"\\':
        return f"\\{byte:c}"
    return f"{byte:c}" if 0x20 <= byte < 0x80 else f"\\x{byte:02x}"


def split_host_port(text: str) -> tuple[str, str]:
    """`net.SplitHostPort`: `host:port`, `[host]:port`, `:port`; both parts as texts, the port possibly empty."""
    colon = text.rfind(":")
    wrong = ""
    begin, end = 0, colon
    if colon < 0:
        wrong = "missing port in address"
    elif text.startswith("["):
        begin, end = 1, text.find("]")
        if end < 0:
            wrong = "missing ']' in address"
        elif end + 1 != colon:
            wrong = "too many colons in address" if text[end + 1 :].startswith(":") else "missing port in address"
    elif ":" in text[:colon]:
        wrong = "too many colons in address"
    if not wrong:
        wrong = "unexpected '[' in address" if "[" in text[begin:] else ""
        wrong = wrong or ("unexpected ']' in address" if "]" in text[(end + 1) * begin :] else "")
    if wrong:
        raise ValueError(f"address {text}: {wrong}" if text else wrong)
    return text[begin:end], text[colon + 1 :]


def port_number(text: str) -> int:
    """A port as a listener takes it; an empty text is 0, any free port. Names of services are not looked up."""
    digits = text.lstrip("0") if text.isascii() and text.isdigit() else ""
    if text.strip("0") and (not digits or len(digits) > 5 or int(digits) > limits.PORT):
        raise ValueError(f"address {text}: invalid port")
    return int(digits or "0")


def is_ip(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address; a zone (`%eth0`) may follow."""
    address = text.rpartition("%")[0] if "%" in text else text
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return "%" not in address
