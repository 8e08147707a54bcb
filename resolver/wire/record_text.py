"""Records, their data and names as `dig` prints them: RFC 1035 §5.1 with BIND's escapes, RFC 3597 §5 for other types.

Each type's layout is a string of steps: ``n`` a name, ``1`` ``2`` ``4`` numbers of so many bytes, ``a`` and ``A`` an
IPv4 and an IPv6 address, ``s`` a quoted string, ``S`` all strings that follow, ``q`` the rest as one string, ``w`` a
string without quotes, ``t`` a type, ``T`` a bitmap of types, ``D`` a time, ``x`` and ``b`` the rest in hexadecimal and
base64, ``h`` and ``u`` the same with a length before it (salt; hash in base32), ``e`` bytes with hyphens, ``g`` four
groups of an address, ``p`` parameters of a service.
"""

from base64 import b32hexencode, b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from socket import AF_INET, AF_INET6, inet_ntop
from typing import Final

from resolver.wire import codes
from resolver.wire.names import labels_of
from resolver.wire.reply import Record

_ESCAPED: Final = frozenset(b'.@$;()"\\')
_LAYOUTS: Final[dict[int, str]] = {
    codes.A: "a", codes.NS: "n", 3: "n", 4: "n", codes.CNAME: "n", codes.SOA: "nn44444", 7: "n", 8: "n", 9: "n",
    codes.PTR: "n", codes.HINFO: "ss", 14: "nn", codes.MX: "2n", codes.TXT: "S", 17: "nn", 18: "2n", 19: "s", 20: "S",
    21: "2n", 26: "2nn", 27: "sss", codes.AAAA: "A", codes.SRV: "222n", 35: "22sssn", 36: "2n",
    codes.DNAME: "n", codes.DS: "211x", 44: "11x", codes.RRSIG: "t114DD2nb", 47: "nT", 48: "211b", 49: "b",
    50: "112huT", 51: "112h", 52: "111x", 53: "111x", 59: "211x", 60: "211b", 61: "b", 62: "42T", 63: "411x",
    64: "2np", 65: "2np", 99: "S", 104: "2g", 105: "2a", 106: "2g", 107: "2n", 108: "e", 109: "e", 256: "22q",
    257: "1wq", 258: "S", 32769: "211x",
}  # fmt: skip
"""Without CERT, LOC, APL, IPSECKEY, AMTRELAY, HIP and WKS, whose data are written as bytes."""
_SPLIT: Final = 56  # characters of hexadecimal or base64 between two blanks (dig's +split)
_PARAMETERS: Final = ("mandatory", "alpn", "no-default-alpn", "port", "ipv4hint", "ech", "ipv6hint", "dohpath")
_NUMBER_ONLY: Final = (0, 0xFFFF)  # types whose names are no mnemonics


class _Broken(ValueError):
    """Data that breaks its type's layout."""


def name_text(name: bytes) -> str:
    """A wire name with its last dot; what dig escapes is escaped."""
    return "".join(_label(label) + "." for label in labels_of(name)) or "."


def type_text(rtype: int) -> str:
    """The name of a type or ``TYPE123``."""
    return f"TYPE{rtype}" if rtype in _NUMBER_ONLY else codes.type_text(rtype)


def record_text(record: Record) -> str:
    """``web.shop.svc.cluster.local. 5 IN AAAA fd00::1``."""
    owner, rtype, rclass, ttl, rdata = record
    return f"{name_text(owner)} {ttl} {codes.class_text(rclass)} {type_text(rtype)} {rdata_text(rtype, rdata)}"


def rdata_text(rtype: int, rdata: bytes) -> str:
    """Data whose names are uncompressed. Never raises: what breaks its layout is written as bytes."""
    layout = _LAYOUTS.get(rtype)
    if layout is None or not rdata:
        return _unknown(rdata)
    try:
        return " ".join(_fields(layout, rdata))
    except (_Broken, ValueError, IndexError):
        return _unknown(rdata)


def _label(label: bytes) -> str:
    return "".join(
        chr(byte) if 0x20 < byte < 0x7F and byte not in _ESCAPED
        else f"\\{chr(byte)}" if byte in _ESCAPED else f"\\{byte:03d}"
        for byte in label
    )  # fmt: skip


def _unknown(rdata: bytes) -> str:
    return f"\\# {len(rdata)} {_split(rdata.hex().upper())}".rstrip()


def _split(text: str) -> str:
    return " ".join(text[at : at + _SPLIT] for at in range(0, len(text), _SPLIT))


def quoted(string: bytes) -> str:
    """A character string in quotes."""
    plain = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03d}" for byte in string.replace(b"\\", b"\\\\"))
    return '"' + plain.replace('"', '\\"') + '"'


class _Data:
    """Record data being read from front to back."""

    def __init__(self, rdata: bytes) -> None:
        self.left = rdata

    def take(self, size: int) -> bytes:
        if size > len(self.left):
            raise _Broken
        taken, self.left = self.left[:size], self.left[size:]
        return taken

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size))

    def counted(self) -> bytes:
        """Bytes with their count before them."""
        return self.take(self.number(1))

    def rest(self) -> bytes:
        return self.take(len(self.left))

    def name(self) -> str:
        end = 0
        while length := self.left[end]:
            if length > 63:
                raise _Broken
            end += length + 1
        return name_text(self.take(end + 1))


def _fields(layout: str, rdata: bytes) -> Iterator[str]:
    data = _Data(rdata)
    for step in layout:
        if step in "124":
            yield str(data.number(int(step)))
        else:
            text = _STEPS[step](data)
            if text:
                yield text
    if data.left:
        raise _Broken


def _types(data: _Data) -> str:
    """A bitmap of types, RFC 4034 §4.1.2."""
    found = []
    while data.left:
        window = data.number(1) << 8
        for at, byte in enumerate(data.counted()):
            found += [type_text(window + 8 * at + bit) for bit in range(8) if byte & 0x80 >> bit]
    return " ".join(found)


def _strings(data: _Data) -> str:
    found = []
    while data.left:
        found.append(quoted(data.counted()))
    return " ".join(found)


def _time(data: _Data) -> str:
    return f"{datetime.fromtimestamp(data.number(4), UTC):%Y%m%d%H%M%S}"


def _parameters(data: _Data) -> str:
    """RFC 9460 §2.1."""
    found = []
    while data.left:
        key, value = data.number(2), data.take(data.number(2))
        name = _PARAMETERS[key] if key < len(_PARAMETERS) else f"key{key}"
        text = _parameter(key, _Data(value)) if value else ""
        found.append(f"{name}={text}" if value else name)
    return " ".join(found)


def _parameter(key: int, value: _Data) -> str:
    if key == 0:
        numbers = [int.from_bytes(value.take(2)) for _ in range(len(value.left) // 2)]
        return ",".join(_PARAMETERS[each] if each < len(_PARAMETERS) else f"key{each}" for each in numbers)
    if key == 1:
        protocols = []
        while value.left:
            protocols.append(value.counted().replace(b"\\", b"\\\\").replace(b",", b"\\,"))
        return quoted(b",".join(protocols))
    if key == 3:
        return str(value.number(2))
    if key in (4, 6):
        family, size = (AF_INET, 4) if key == 4 else (AF_INET6, 16)
        return ",".join(inet_ntop(family, value.take(size)) for _ in range(len(value.left) // size))
    if key == 5:
        return b64encode(value.rest()).decode()
    return quoted(value.rest())


def _groups(data: _Data) -> str:
    return ":".join(f"{data.number(2):x}" for _ in range(4))


_STEPS: Final[dict[str, Callable[[_Data], str]]] = {
    "a": lambda data: inet_ntop(AF_INET, data.take(4)),
    "A": lambda data: inet_ntop(AF_INET6, data.take(16)),
    "n": _Data.name,
    "s": lambda data: quoted(data.counted()),
    "S": _strings,
    "q": lambda data: quoted(data.rest()),
    "w": lambda data: data.counted().decode("ascii"),
    "t": lambda data: type_text(data.number(2)),
    "T": _types,
    "D": _time,
    "x": lambda data: _split(data.rest().hex().upper()),
    "b": lambda data: _split(b64encode(data.rest()).decode()),
    "h": lambda data: data.counted().hex().upper() or "-",
    "u": lambda data: b32hexencode(data.counted()).decode().rstrip("="),
    "e": lambda data: data.rest().hex("-"),
    "g": _groups,
    "p": _parameters,
}
