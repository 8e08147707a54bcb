"""Patterns of names: ``web.shop``, ``*.shop``, ``0.db.shop``, ``**.example.com``. Faults and the history share them."""

from typing import Final

from resolver.wire.names import BadName, labels_of, name_from_labels, name_from_text

DEFAULT_ZONE: Final = "cluster.local"

_ONE: Final = b"*"
_ANY: Final = b"**"
_BRANCHES: Final = (b"svc", b"pod")


class BadPattern(ValueError):
    """Text that is no pattern; the message says why."""


class Pattern:
    """Names with or without the cluster's zone; ``*`` stands for one label, ``**`` for any number, none included.

    ``web.shop`` is ``web.shop.svc.cluster.local``, and ``web.shop.svc`` and ``10-0-0-1.shop.pod`` are meant to end in
    the zone too. Since nothing tells ``example.com`` from a Service of the namespace ``com``, a text without zone also
    stands for the name as it is. With a dot at its end, or with the zone, it is whole and stands for itself only.
    """

    __slots__ = ("_globs", "names", "text", "zone")

    def __init__(self, text: str, zone: str = DEFAULT_ZONE) -> None:
        """Raises BadPattern."""
        self.text = text
        self.zone = zone
        forms = _forms(text, zone)
        exact = []
        self._globs: list[list[bytes]] = []
        for labels in forms:
            if _ONE in labels or _ANY in labels:
                self._globs.append(labels)
            elif name := _name(labels):
                exact.append(name)
        self.names: tuple[bytes, ...] = tuple(exact)
        """The names a pattern without wildcards stands for, the one it means first; in wire form, lower case."""
        if not self.names and not self._globs:
            raise BadPattern(f"{text!r} is too long for a name")

    def matches(self, name: bytes) -> bool:
        """Whether a lower-case wire name is one of these."""
        if name in self.names:
            return True
        if not self._globs:
            return False
        labels = labels_of(name)
        return any(_fits(glob, labels) for glob in self._globs)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and (self.text, self.zone) == (other.text, other.zone)

    def __hash__(self) -> int:
        return hash((self.text, self.zone))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, {self.zone!r})"


def _forms(text: str, zone: str) -> list[list[bytes]]:
    """The rows of labels that a text stands for, the one it means first."""
    if not text or text != text.strip():
        raise BadPattern(f"{text!r} is no name: write one such as web.shop, *.shop or **.example.com")
    try:
        labels = labels_of(name_from_text(text).lower())
        ending = labels_of(name_from_text(zone).lower())
    except BadName as error:
        raise BadPattern(f"{text!r} is no name: {error}") from None
    for label in labels:
        if _ONE in label and label not in (_ONE, _ANY):
            shown = label.decode("ascii", "backslashreplace")
            raise BadPattern(
                f"{text!r}: * stands for a whole label and ** for any number of them, not within {shown!r}"
            )
    if text.endswith(".") or (ending and labels[-len(ending) :] == ending):
        return [labels]
    service = [*labels, b"svc", *ending]
    if labels[-1] in _BRANCHES:
        return [[*labels, *ending], service, labels]
    return [service, labels]


def _name(labels: list[bytes]) -> bytes:
    """In wire form; empty where that is too long for a name."""
    try:
        return name_from_labels(labels)
    except BadName:
        return b""


def _fits(glob: list[bytes], labels: list[bytes]) -> bool:
    """Whether the labels are what the pattern says. Takes steps in proportion to the product of both, at the most."""
    at, place, size = 0, 0, len(glob)
    after_any, retried = -1, 0
    while place < len(labels):
        wanted = glob[at] if at < size else b""
        if wanted == _ANY:
            at, after_any, retried = at + 1, at + 1, place
        elif wanted == _ONE or (wanted and wanted == labels[place]):
            at, place = at + 1, place + 1
        elif after_any >= 0:
            retried += 1
            at, place = after_any, retried
        else:
            return False
    return all(rest == _ANY for rest in glob[at:])
