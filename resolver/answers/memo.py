"""Finished replies by question, forgotten by what they depend on: the owner of what is answered.

Nothing here ages. A reply stays until a key it depends on is touched, or until a full memo needs its place: the one
kept longest goes. One at a time, since to drop a full memo at once takes the time of thousands of queries.
"""

from collections import OrderedDict
from collections.abc import Iterable

from resolver import limits
from resolver.answers.finished import Finished
from resolver.answers.outcome import Key
from resolver.wire import codes


class AnswerMemo:
    """Replies by question key: the lower-case name with type and class, in wire form."""

    def __init__(self, capacity: int = limits.KEPT_REPLIES) -> None:
        self._capacity = capacity
        self._replies: OrderedDict[bytes, Finished] = OrderedDict()
        self._by_key: dict[Key, set[bytes]] = {}
        self._asked_once: set[int] = set()
        self.get = self._replies.get

    def __len__(self) -> int:
        return len(self._replies)

    def wants(self, question: bytes, rcode: int) -> bool:
        """Whether a reply is worth keeping: a name that does not exist only from its second asking on, so that random
        names leave nothing behind."""
        if rcode != codes.NXDOMAIN:
            return True
        mark = hash(question)
        if mark in self._asked_once:
            return True
        if len(self._asked_once) >= limits.ASKED_ONCE:
            self._asked_once.clear()
        self._asked_once.add(mark)
        return False

    def put(self, question: bytes, finished: Finished) -> None:
        """Keeps a reply under the keys it depends on."""
        if question in self._replies:
            self._drop(question)
        elif len(self._replies) >= self._capacity:
            self._drop(next(iter(self._replies)))
        self._replies[question] = finished
        for key in finished.reply.depends or ():
            held = self._by_key.get(key)
            if held is None:
                self._by_key[key] = {question}
            else:
                held.add(question)

    def forget(self, keys: Iterable[Key]) -> None:
        """Drops every reply that depends on one of these keys."""
        by_key = self._by_key
        for key in keys:
            for question in by_key.pop(key, ()):
                self._drop(question)

    def _drop(self, question: bytes) -> None:
        """Drops one reply, and its mention under each key, which may outlive a great many of its replies."""
        finished = self._replies.pop(question)
        finished.live = False
        for key in finished.reply.depends or ():
            held = self._by_key.get(key)
            if held is not None:
                held.discard(question)
                if not held:
                    del self._by_key[key]

    def clear(self) -> None:
        """Drops everything."""
        for finished in self._replies.values():
            finished.live = False
        self._replies.clear()
        self._by_key.clear()
