"""Domain names in wire form: a run of labels, each a length byte and its bytes, ended by a zero byte (RFC 1035 §3.1).

Inside the program a name *is* its wire form. Lower-casing it whole is safe: a length byte is at most 63, below "A".
"""

from collections.abc import Container
from typing import Final

from resolver import limits

ROOT: Final = b"\0"

_ESCAPED: Final = frozenset(b". '@;()\"\\")  # with a backslash, as miekg/dns prints names


class BadName(ValueError):
    """Text that is no domain name; the message says why."""


def name_from_text(text: str) -> bytes:
    """The wire form of ``web.shop.svc.cluster.local.``; a missing last dot is added. Escapes: ``\\.`` and ``\\032``."""
    if text in {".", ""}:
        return ROOT
    labels: list[bytearray] = [bytearray()]
    data, at = text.encode("utf-8", "surrogatepass"), 0
    while at < len(data):
        byte = data[at]
        if byte == 0x2E:
            labels.append(bytearray())
        elif byte == 0x5C:
            digits = data[at + 1 : at + 4]
            if len(digits) == 3 and digits.isdigit() and int(digits) < 256:
                labels[-1].append(int(digits))
                at += 3
            elif at + 1 < len(data):
                labels[-1].append(data[at + 1])
                at += 1
            else:
                raise BadName(f"{text!r} ends in an escape")
        else:
            labels[-1].append(byte)
        at += 1
    if not labels[-1]:
        labels.pop()
    return name_from_labels([bytes(label) for label in labels])


def name_from_labels(labels: list[bytes]) -> bytes:
    """The wire form of these labels. Raises BadName where a label or the whole is empty or too long."""
    for label in labels:
        if not 0 < len(label) <= limits.LABEL_SIZE:
            raise BadName(f"label {label[:80]!r} is {len(label)} bytes long; 1 to {limits.LABEL_SIZE} are allowed")
    name = b"".join(bytes((len(label),)) + label for label in labels) + ROOT
    if len(name) > limits.NAME_SIZE:
        raise BadName(f"a name of {len(name)} bytes is longer than {limits.NAME_SIZE}")
    return name


def name_to_text(name: bytes) -> str:
    """Presentation form with the last dot; bytes outside printable ASCII as ``\\DDD`` (RFC 4343 §2.1)."""
    if name == ROOT:
        return "."
    return "".join(_label_to_text(label) + "." for label in labels_of(name))


def _label_to_text(label: bytes) -> str:
    if label.isalnum():
        return label.decode("ascii")
    out = []
    for byte in label:
        if byte in _ESCAPED:
            out.append("\\" + chr(byte))
        elif 0x20 <= byte < 0x7F:
            out.append(chr(byte))
        else:
            out.append(f"\\{byte:03d}")
    return "".join(out)


def labels_of(name: bytes) -> list[bytes]:
    """The labels of a wire name, without the root."""
    labels = []
    at = 0
    while length := name[at]:
        end = at + 1 + length
        labels.append(name[at + 1 : end])
        at = end
    return labels


def is_at_or_below(name: bytes, zone: bytes) -> bool:
    """Whether a lower-case wire name is the zone or inside it; a label that merely ends alike is not."""
    if not name.endswith(zone):
        return False
    at, start = 0, len(name) - len(zone)
    while at < start:
        at += name[at] + 1
    return at == start


def closest_zone(name: bytes, zones: Container[bytes]) -> bytes | None:
    """The longest of the zones that is the name or an ancestor of it; names lower-case, in wire form."""
    at = 0
    while length := name[at]:
        rest = name[at:]
        if rest in zones:
            return rest
        at += length + 1
    return ROOT if ROOT in zones else None
