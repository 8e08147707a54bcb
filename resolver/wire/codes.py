"""Numbers of the DNS protocol and their names (IANA DNS parameters), as CoreDNS and miekg/dns spell them."""

from typing import Final

from dnslib import CLASS, QTYPE

# header bits, RFC 1035 §4.1.1 and RFC 4035 §3
QR: Final = 0x8000
OPCODE: Final = 0x7800
AA: Final = 0x0400
TC: Final = 0x0200
RD: Final = 0x0100
RA: Final = 0x0080
Z: Final = 0x0040
AD: Final = 0x0020
CD: Final = 0x0010
RCODE: Final = 0x000F

QUERY: Final = 0
NOTIFY: Final = 4
UPDATE: Final = 5

NOERROR: Final = 0
FORMERR: Final = 1
SERVFAIL: Final = 2
NXDOMAIN: Final = 3
NOTIMP: Final = 4
REFUSED: Final = 5
BADVERS: Final = 16

RCODES: Final = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
    8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 17: "BADKEY", 18: "BADTIME",
    19: "BADMODE", 20: "BADNAME", 21: "BADALG", 22: "BADTRUNC", 23: "BADCOOKIE",
}  # fmt: skip

A: Final = 1
NS: Final = 2
CNAME: Final = 5
SOA: Final = 6
PTR: Final = 12
HINFO: Final = 13
MX: Final = 15
TXT: Final = 16
AAAA: Final = 28
SRV: Final = 33
DNAME: Final = 39
OPT: Final = 41
DS: Final = 43
RRSIG: Final = 46
TSIG: Final = 250
IXFR: Final = 251
AXFR: Final = 252
ANY: Final = 255

IN: Final = 1

_OTHER_TYPES: Final = {
    0: "None", 3: "MD", 4: "MF", 7: "MB", 8: "MG", 9: "MR", 14: "MINFO", 19: "X25", 20: "ISDN", 21: "RT",
    23: "NSAP-PTR", 26: "PX", 27: "GPOS", 30: "NXT", 31: "EID", 32: "NIMLOC", 34: "ATMA", 53: "SMIMEA", 56: "NINFO",
    57: "RKEY", 58: "TALINK", 61: "OPENPGPKEY", 62: "CSYNC", 63: "ZONEMD", 64: "SVCB", 65: "HTTPS", 100: "UINFO",
    101: "UID", 102: "GID", 103: "UNSPEC", 104: "NID", 105: "L32", 106: "L64", 107: "LP", 128: "NXNAME",
    253: "MAILB", 254: "MAILA", 258: "AVC", 260: "AMTRELAY", 261: "RESINFO", 65535: "Reserved",
}  # fmt: skip
_NAMELESS: Final = (38,)  # A6, which the IANA has made historic
_TYPES: Final[dict[int, str]] = {
    number: text for number, text in {**QTYPE.forward, **_OTHER_TYPES}.items() if number not in _NAMELESS
}
_TYPE_NUMBERS: Final = {text: number for number, text in _TYPES.items()}
_CLASSES: Final[dict[int, str]] = {**CLASS.forward, 4: "HS", 254: "NONE", 255: "ANY"}


def type_text(qtype: int) -> str:
    """The name of a record type; ``TYPE65280`` where it has none (RFC 3597 §5)."""
    return _TYPES.get(qtype) or f"TYPE{qtype}"


def type_number(text: str) -> int | None:
    """The number of a record type by its name or its ``TYPE123`` form; None where there is no such type."""
    text = text.upper()
    if text.startswith("TYPE") and text[4:].isdecimal() and int(text[4:]) <= 0xFFFF:
        return int(text[4:])
    return _TYPE_NUMBERS.get(text)


def type_names() -> tuple[str, ...]:
    """Those of all record types that have one."""
    return tuple(name for name in _TYPE_NUMBERS if name.isupper())


def class_text(qclass: int) -> str:
    """The name of a class; ``CLASS3`` style where it has none."""
    return _CLASSES.get(qclass) or f"CLASS{qclass}"


def rcode_text(rcode: int) -> str:
    """The name of a response code; ``RCODE12`` style where it has none."""
    return RCODES.get(rcode) or f"RCODE{rcode}"
