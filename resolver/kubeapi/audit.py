"""A fresh list beside a running watch, to find what the watch has lost (pure).

The difference between the list and what is held is a loss only when both speak of the same version. So the list waits
until the stream has reached its version (an event or a bookmark), and changes that the stream brought meanwhile and
that are newer than the list are laid over it. A list older than what the stream had delivered before it was asked for
means that the server went back in time (its storage was restored): then only the list counts.
"""

from enum import Enum, auto

from resolver import limits
from resolver.cluster.objects import ClusterObject, identity
from resolver.kubeapi.commands import Change
from resolver.kubeapi.listing import Listing
from resolver.kubeapi.versions import number


class Standing(Enum):
    """Where the stream stands when the audit's list is there."""

    BEHIND = auto()
    REACHED = auto()
    WENT_BACK = auto()


class Audit:
    """One audit: its list, and what the stream brought since it began, when the stream was at version `floor`."""

    def __init__(self, listing: Listing, floor: str) -> None:
        self.listing = listing
        self.deadline = 0
        self._floor = floor
        self._meanwhile: list[tuple[Change, str]] = []

    @property
    def hopeless(self) -> bool:
        """Whether its list failed so often that it is left to the next audit."""
        return not self.listing.done and self.listing.failures >= limits.AUDIT_TRIES

    def note(self, change: Change, version: str) -> None:
        """The stream brought a change, and it was applied."""
        self._meanwhile.append((change, version))

    def standing(self, version: str) -> Standing:
        """How the list relates to a stream that has come to `version`."""
        listed, reached, floor = number(self.listing.version), number(version), number(self._floor)
        if listed is None or reached is None:
            return Standing.REACHED if self.listing.version == version else Standing.BEHIND
        if floor is not None and listed < floor:
            return Standing.WENT_BACK
        return Standing.REACHED if reached >= listed else Standing.BEHIND

    def listed(self) -> list[ClusterObject]:
        """The list alone."""
        return overlaid(self.listing.objects, self.listing.later)

    def expected(self) -> list[ClusterObject]:
        """The list and what the stream brought that is newer than it: what should be held now."""
        newer: list[Change] = []
        listed = number(self.listing.version)
        for change, version in self._meanwhile:
            brought = number(version)
            if listed is not None and brought is not None and brought > listed:
                newer.append(change)
        return overlaid(self.listing.objects, [*self.listing.later, *newer])


def overlaid(objects: list[ClusterObject], changes: list[Change]) -> list[ClusterObject]:
    """The objects after the changes."""
    if not changes:
        return objects
    held = {identity(item): item for item in objects}
    for change, item in changes:
        if change == "DELETED":
            held.pop(identity(item), None)
        else:
            held[identity(item)] = item
    return list(held.values())
