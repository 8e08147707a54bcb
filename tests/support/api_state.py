"""The storage of an API stand-in: objects, one rising version for all of them, and what happened since when.

No I/O: the HTTP stand-in (`api_server`) and the simulated one (`api_model`) both serve from it.
"""

import copy
from bisect import bisect_right
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

Object = dict[str, Any]
Wanted = Callable[[Object], bool]
Key = tuple[str, str, str]


def key_of(item: Object) -> Key:
    """Kind, namespace (empty for none) and name."""
    return item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]


class Happened(NamedTuple):
    """A change. `before` and `after` are None where the object did not exist."""

    version: int
    before: Object | None
    after: Object | None


class ApiState:
    """Objects under rising versions. `compacted`: changes up to that version are forgotten."""

    def __init__(self, objects: Iterable[Object] = (), version: int = 1000) -> None:
        self.version = version
        self.compacted = version
        self._objects: dict[Key, Object] = {}
        self._log: dict[str, list[Happened]] = {}
        self._uids = 0
        for item in objects:
            self.put(item)

    def put(self, item: Object) -> Object:
        """Creates or updates; returns the object as stored (the given one is left alone)."""
        stored = copy.copy(item)
        meta = stored["metadata"] = dict(item["metadata"])
        before = self._objects.get(key_of(stored))
        self.version += 1
        if before is None:
            self._uids += 1
            meta["uid"] = f"00000000-0000-4000-8000-{self._uids:012}"
            meta.setdefault("creationTimestamp", "2026-01-01T00:00:00Z")
        else:
            meta["uid"] = before["metadata"]["uid"]
            meta.setdefault("creationTimestamp", before["metadata"]["creationTimestamp"])
        meta["resourceVersion"] = str(self.version)
        self._objects[key_of(stored)] = stored
        self._happened(stored["kind"], before, stored)
        return stored

    def delete(self, kind: str, namespace: str, name: str) -> Object:
        """Deletes; returns the object with the version of its deletion, as watches are told."""
        before = self._objects.pop((kind, namespace, name))
        self.version += 1
        gone = {**before, "metadata": {**before["metadata"], "resourceVersion": str(self.version)}}
        self._happened(kind, gone, None)
        return gone

    def delete_namespace(self, namespace: str) -> int:
        """Deletes the Namespace and all in it, contents first; returns how many objects went."""
        inside = [key for key in self._objects if key[1] == namespace]
        for key in [*inside, ("Namespace", "", namespace)]:
            self.delete(*key)
        return len(inside) + 1

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        return self._objects.get((kind, namespace, name))

    def objects(self, kind: str, wanted: Wanted | None = None) -> list[Object]:
        """All objects of a kind that are wanted, in the order of the API: by namespace and name."""
        found = [item for key, item in sorted(self._objects.items()) if key[0] == kind]
        return [item for item in found if wanted(item)] if wanted else found

    def since(self, kind: str, version: int, wanted: Wanted | None = None) -> list[tuple[int, str, Object]]:
        """(version, event type, object) of all that a watch from `version` is told, selection changes included."""
        log = self._log.get(kind, [])
        told = []
        for happened in log[bisect_right(log, version, key=lambda one: one.version) :]:
            before, after = happened.before, happened.after
            if before is not None and wanted and not wanted(before):
                before = None
            if after is not None and wanted and not wanted(after):
                after = None
            if after is not None:
                told.append((happened.version, "MODIFIED" if before else "ADDED", after))
            elif before is not None:
                meta = {**before["metadata"], "resourceVersion": str(happened.version)}
                told.append((happened.version, "DELETED", {**before, "metadata": meta}))
        return told

    def compact(self, version: int | None = None) -> None:
        """Forgets all changes up to `version`, or up to now."""
        self.compacted = self.version if version is None else version
        for kind, log in self._log.items():
            self._log[kind] = [one for one in log if one.version > self.compacted]

    def saved(self) -> "ApiState":
        """A backup: what `restore` of a stand-in goes back to, lower versions and all."""
        twin = ApiState(version=self.version)
        twin._objects, twin._uids = dict(self._objects), self._uids
        return twin

    def _happened(self, kind: str, before: Object | None, after: Object | None) -> None:
        self._log.setdefault(kind, []).append(Happened(self.version, before, after))
