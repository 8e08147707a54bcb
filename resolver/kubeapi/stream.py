"""What the lines of a watch say: changes in order, and the version the watch has come to (pure)."""

from collections.abc import Sequence
from typing import Final

from resolver.cluster.decoding import WatchEvent
from resolver.cluster.objects import Kind
from resolver.kubeapi.commands import Change, Report
from resolver.kubeapi.versions import RecentVersions, number

CHANGES: Final = frozenset(("ADDED", "MODIFIED", "DELETED"))


class Taken:
    """What a batch of lines came to. `versions` runs beside `changes`; `error` is the ERROR event that ended it.

    `doubt`: something came that cannot be vouched for, so that only a fresh list tells what is so.
    """

    __slots__ = ("bookmark", "changes", "doubt", "error", "reports", "versions")

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.versions: list[str] = []
        self.error: WatchEvent | None = None
        self.reports: list[Report] = []
        self.doubt = False
        self.bookmark = False


class Stream:
    """The watched state of one kind: `version` is where a watch goes on."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._recent = RecentVersions()
        self._number: int | None = None
        self._odd_types: set[str] = set()
        self.version = ""

    def restart(self, version: str) -> None:
        """Goes on from a list at `version`."""
        self.version, self._number = version, number(version)

    def take(self, events: Sequence[WatchEvent]) -> Taken:
        """Reads lines up to the first ERROR event. Repeated events are left out."""
        taken = Taken()
        for event in events:
            kind = event.type
            if kind in CHANGES:
                if not self._accept(event, taken):
                    continue
                if event.object is None:  # it was reported by the decoder; what is held of it may be stale now
                    taken.doubt = True
                else:
                    taken.changes.append((kind, event.object))
                    taken.versions.append(event.resource_version)
            elif kind == "BOOKMARK":
                taken.bookmark = True
                self._accept(event, taken)
            elif kind == "ERROR":
                taken.error = event
                break
            elif kind not in self._odd_types and len(self._odd_types) < 8:
                self._odd_types.add(kind)
                text = f"the watch of {self._kind.name} sent events of the unknown type {kind[:40]!r}; they are ignored"
                taken.reports.append(Report("WARNING", text))
        return taken

    def _accept(self, event: WatchEvent, taken: Taken) -> bool:
        """Advances the version. False where the event says nothing new, or cannot be trusted to."""
        version = event.resource_version
        if not version or version == self.version:
            return True
        at, new = self._number, number(version)
        if at is not None and new is not None and new < at:
            if version in self._recent:
                return False
            taken.doubt = True  # stand-ins send deletions at the version of the object's last change: those count
            return event.type == "DELETED"
        if not self.version and event.type == "ADDED":
            return True  # a watch from no version begins with what exists, in no order of versions
        self._recent.add(version)
        self.version, self._number = version, new
        return True
