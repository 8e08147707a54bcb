"""The body of a list response, taken apart while it arrives: its items in runs, and the envelope around them.

A server that ignores `limit` (every real one at resourceVersion=0) sends its whole list as one body. Nothing here grows
with it: complete items leave at once, and what is kept is one unfinished item and the envelope.
Items are found by counting braces outside strings. A scan costs about 6 ns a byte, as one regular expression steps from
brace to brace over any number of strings between them.
"""

import re
from enum import Enum, auto
from typing import Final, NamedTuple

import msgspec

from resolver import limits
from resolver.kubeapi.errors import UNREADABLE, NotAList, Oversized

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
# Each of these always matches: it ends at a character of its last group, at the quote of a string that is cut off, or
# at the end of the data.
_TO_BRACE: Final = re.compile(rb'[^{}"]*+(?:' + _STRING + rb'[^{}"]*+)*+([{}"]|\Z)', re.DOTALL)
_TO_ITEM: Final = re.compile(rb'[^{}"\[\]]*+(?:' + _STRING + rb'[^{}"\[\]]*+)*+([{}"\[\]]|\Z)', re.DOTALL)
_TO_STRING_END: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+(["\\]|\Z)', re.DOTALL)
_TOKEN: Final = re.compile(rb"\s*+(" + _STRING + rb'|[{}\[\],:]|[^\s{}\[\],:"]++)', re.DOTALL)
_SEPARATORS: Final = b", \t\r\n"


class ListEnd(NamedTuple):
    """What a list says beside its items; `continue_token` is empty on the last page."""

    kind: str
    resource_version: str
    continue_token: str


class _Meta(msgspec.Struct, rename="camel"):
    resource_version: str | None = None
    continue_: str | None = msgspec.field(default=None, name="continue")


class _Envelope(msgspec.Struct):
    items: list[None] | None
    kind: str | None = None
    metadata: _Meta | None = None


class _Where(Enum):
    ENVELOPE = auto()
    ITEMS = auto()


class ListSplitter:
    """Takes one list body. Feed it the body in pieces of any size, then `finish` it."""

    def __init__(self, item_limit: int = limits.API_OBJECT) -> None:
        self._item_limit = item_limit
        self._where = _Where.ENVELOPE
        self._envelope = bytearray()
        self._scanned = 0
        self._depth = 0
        self._key: bytes | None = None
        self._before: bytes = b""
        self._item_depth = 0
        self._in_string = False
        self._escaped = False
        self._parts: list[bytes] = []
        self._held = 0

    def feed(self, data: bytes) -> list[bytes]:
        """Runs of complete items, each the JSON of one or more items with commas between.

        Raises Oversized for an item or an envelope beyond its limit, NotAList for arrays among the items.
        """
        runs: list[bytes] = []
        at = 0
        while at < len(data):
            if self._where is _Where.ITEMS:
                at = self._items(data, at, runs)
            else:
                at = self._outside(data, at)
        return runs

    def finish(self) -> ListEnd:
        """The envelope, after the whole body. Raises NotAList where the body was cut off or is no list."""
        if self._where is _Where.ITEMS:
            raise NotAList("the list ends in the middle of its items")
        try:
            envelope = msgspec.json.decode(self._envelope, type=_Envelope)
        except UNREADABLE as error:
            start = bytes(self._envelope[:80]).decode("utf-8", "replace")
            raise NotAList(f"the API sent no list but {start!r}: {error}") from error
        meta = envelope.metadata or _Meta()
        return ListEnd(envelope.kind or "", meta.resource_version or "", meta.continue_ or "")

    def _outside(self, data: bytes, at: int) -> int:
        """Takes in what surrounds the items, up to the bracket that opens them or the end of the data."""
        kept = len(self._envelope)
        self._envelope += data[at : at + limits.API_ENVELOPE + 1]
        while found := _TOKEN.match(self._envelope, self._scanned):
            token, self._scanned = found[1], found.end()
            if self._token(token):
                del self._envelope[self._scanned :]
                self._where = _Where.ITEMS
                return at + self._scanned - kept
        if len(self._envelope) > limits.API_ENVELOPE:
            raise Oversized("list without items", limits.API_ENVELOPE)
        return len(data)

    def _token(self, token: bytes) -> bool:
        """Follows the nesting; True where the token opens the top object's `items`."""
        opens = token in (b"{", b"[")
        is_items = token == b"[" and self._depth == 1 and self._before == b":" and self._key == b"items"
        if self._depth == 1 and token[:1] == b'"' and self._before in (b"{", b","):
            self._key = _text(token)
        if opens:
            self._depth += 1
        elif token in (b"}", b"]"):
            self._depth -= 1
        self._before = token
        return is_items

    def _items(self, data: bytes, at: int, runs: list[bytes]) -> int:
        """Scans items from `at`; appends the run that ends in this data. Returns where the scan stopped."""
        start = at
        whole = -1  # where the last complete item ends
        while True:
            if self._in_string:
                at = self._string_end(data, at)
                if self._in_string:
                    break
            if self._item_depth:
                at, ended = self._item_end(data, at)
                if ended:
                    whole = at
                    continue
                break
            found = next(_TO_ITEM.finditer(data, at))
            at, mark = found.end(), found[1]
            if mark == b"{":
                self._item_depth = 1
            elif mark == b"]":
                self._emit(data[start : at - 1], runs)
                self._where = _Where.ENVELOPE
                self._envelope += b"]"
                self._scanned = len(self._envelope)
                self._depth, self._before = 1, b"]"
                return at
            elif mark == b'"':
                self._in_string = True
            elif mark:
                raise NotAList(f"the items of a list hold {mark.decode()!r} where an object is expected")
            if at >= len(data):
                break
        if whole >= 0:
            self._emit(data[start:whole], runs)
            start = whole
        self._hold(data[start:])
        return len(data)

    def _item_end(self, data: bytes, at: int) -> tuple[int, bool]:
        """Scans within an item; where it ends and True, or the end of the data and False."""
        depth = self._item_depth
        for found in _TO_BRACE.finditer(data, at):
            mark = found[1]
            if mark == b"}":
                depth -= 1
                if not depth:
                    self._item_depth = 0
                    return found.end(), True
            elif mark == b"{":
                depth += 1
            else:
                self._item_depth = depth
                if mark:
                    self._string_end(data, found.end())
                return len(data), False
        self._item_depth = depth
        return len(data), False

    def _string_end(self, data: bytes, at: int) -> int:
        """Scans within a string; notes whether it goes on, and whether a backslash ends the data."""
        if self._escaped:
            at, self._escaped = at + 1, False
        found = next(_TO_STRING_END.finditer(data, at))
        mark = found[1]
        self._in_string = mark != b'"'
        self._escaped = mark == b"\\"
        return found.end()

    def _hold(self, part: bytes) -> None:
        self._held += len(part)
        if self._held > self._item_limit:
            raise Oversized("list item", self._item_limit)
        if part:
            self._parts.append(part)

    def _emit(self, part: bytes, runs: list[bytes]) -> None:
        self._parts.append(part)
        run = b"".join(self._parts).strip(_SEPARATORS)
        self._parts.clear()
        self._held = 0
        if run:
            runs.append(run)


def _text(token: bytes) -> bytes:
    try:
        text: str = msgspec.json.decode(token, type=str)
    except UNREADABLE:
        return token
    return text.encode("utf-8", "surrogatepass")
