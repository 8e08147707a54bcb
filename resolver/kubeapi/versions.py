"""resourceVersions: opaque to clients for long, integers in one order by the API's present contract."""

from resolver import limits


def number(version: str) -> int | None:
    """A resourceVersion to compare by; None where it is no number."""
    return int(version) if version.isascii() and version.isdigit() else None


class RecentVersions:
    """The versions of the latest events, to know an event that is repeated. Holds one to two times `size`."""

    def __init__(self, size: int = limits.RECENT_VERSIONS) -> None:
        self._size = size
        self._new: set[str] = set()
        self._old: set[str] = set()

    def __contains__(self, version: str) -> bool:
        return version in self._new or version in self._old

    def add(self, version: str) -> None:
        self._new.add(version)
        if len(self._new) >= self._size:
            self._old, self._new = self._new, set()
