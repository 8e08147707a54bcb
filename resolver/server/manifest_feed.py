"""Fills an inventory from manifests, and follows their files: the feed of `dualdns serve PATH... [--watch]` and of
the demo."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from resolver import limits
from resolver.answers.outcome import Key
from resolver.cluster.dns_records import Records, View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import NAMESPACES, ClusterObject, Kind
from resolver.cluster.source import ClusterRequest
from resolver.controlplane.manifest_files import ManifestSource
from resolver.controlplane.manifest_objects import FileObjects, ManifestReader, PlacedObject
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.manifest_set import ManifestLook, ManifestSet
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.server.log import Log
from resolver.server.manifest_watch import FolderWatch
from resolver.server.name_changes import NameLine, changes, name_lines, touched_keys

DEFAULT_DOMAIN: Final = "cluster.local"

_NAME: Final = "manifests"


@dataclass(slots=True)
class _Merged:
    """All objects of all files by kind, and those that are there twice."""

    objects: dict[Kind, list[ClusterObject]]
    duplicates: list[ManifestProblem]

    def __bool__(self) -> bool:
        return any(self.objects.values())


class ManifestFeed:
    """Feeds the kinds of `request` from `source` to `inventory`; with `watch`, again whenever a file changes.

    The first reading serves what is in order and reports the rest; after that a file with a problem keeps all it said
    before (see ManifestSet). A namespace that objects are in exists although no manifest declares it: folders of
    manifests are mostly made for namespaces that are there already, and without its Namespace no Service has a name.

    Two objects of one kind, namespace and name: the first is served, and both places are reported. A Namespace may be
    declared any number of times. `domain` is what printed names end in.
    """

    def __init__(
        self,
        source: ManifestSource,
        request: ClusterRequest,
        inventory: Inventory,
        log: Log,
        *,
        watch: bool = False,
        domain: str = DEFAULT_DOMAIN,
    ) -> None:
        self._source = source
        self._kinds = request.kinds()
        self._inventory = inventory
        self._records = Records(
            inventory, View(endpoints=request.endpoints, endpoint_pod_names=request.targets, zonal=request.zones)
        )
        self._log = log
        self._watch = watch
        self._domain = domain
        self._reader = ManifestReader(request)
        self._manifests = ManifestSet(source, self._reader.read)
        self._turn = asyncio.Lock()
        self._unseen: set[ManifestProblem] = set()
        self._duplicates: set[ManifestProblem] = set()
        self._following: asyncio.Task[None] | None = None
        self._reloads = 0
        self._failures = 0

    async def start(self) -> None:
        """Reads and serves. Raises BadConfig where nothing at all can be served."""
        async with self._turn:
            look = await asyncio.to_thread(self._look)
            merged = self._merge(look)
            if not merged and (look.problems() or look.unseen or not self._watch):
                raise BadConfig(_nothing(look))
            self._report(look, merged)
            self._serve(merged)
        skipped = _skipped(look)
        if skipped:
            self._log.info(f"{_NAME}: left out {_counted(skipped)}: DNS does not need them")
        kinds = Counter({kind.name: len(objects) for kind, objects in merged.objects.items()})
        self._log.info(f"{_NAME}: {_counted(kinds)} from {_several(len(look.files), 'file')}")
        if self._watch and self._source.folders():
            self._following = asyncio.ensure_future(self._follow())

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)

    def metrics(self) -> Iterator[MetricRow]:
        files = self._manifests.files
        problems = len(self._unseen) + len(self._duplicates) + sum(len(file.problems) for file in files.values())
        rows: tuple[tuple[str, Literal["gauge", "counter"], str, int], ...] = (
            ("files", "gauge", "Manifest files that are served.", len(files)),
            ("problems", "gauge", "Problems in the manifests as last read.", problems),
            ("reloads_total", "counter", "Times changed manifests were read.", self._reloads),
            ("reload_failures_total", "counter", "Times a changed manifest was broken.", self._failures),
        )
        for name, kind, text, value in rows:
            yield MetricRow(f"dualdns_manifest_{name}", kind, text, (), value)

    async def _follow(self) -> None:
        async with FolderWatch(self._source.folders, self._warn) as folders:
            while True:
                await folders.changed()
                try:
                    await self.reload()
                except Exception as error:  # noqa: BLE001 - a bug in one reading must not end the watch unheard
                    self._log.error(f"{_NAME}: reading failed: {type(error).__name__}: {error}"[: limits.LOG_LINE])

    async def reload(self) -> bool:
        """Reads what has changed on disk, serves it and prints which names that changed; False where nothing has."""
        async with self._turn:
            look = await asyncio.to_thread(self._look)
            if not look.read and not look.gone and self._unseen.issuperset(look.unseen):
                self._unseen = set(look.unseen)
                return False
            merged = self._merge(look)
            self._report(look, merged)
            before, after = self._serve(merged)
        self._reloads += 1
        self._failures += bool(look.broken)
        for name in look.broken:
            self._warn(f"{name}: what it said before stays until it is mended")
        lines = changes(before, after)
        if lines:
            counts = f"{_several(len(after - before), 'name')} added, {len(before - after)} removed"
            self._log.info(f"{_NAME}: {counts}")
        elif look.read and not look.broken:
            self._log.info(f"{_NAME}: read again, no name has changed")
        for line in lines:
            self._log.print(line)
        return True

    def _look(self) -> ManifestLook[FileObjects]:
        """Reads files, beside the event loop. Meanwhile no garbage is looked for: it would double the time."""
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._manifests.look()
        finally:
            if collecting:
                gc.enable()

    def _merge(self, look: ManifestLook[FileObjects]) -> _Merged:
        merged = _Merged({kind: [] for kind in self._kinds}, [])
        first: dict[tuple[str, str, str], PlacedObject] = {}
        declared: set[str] = set()
        for file in look.files.values():
            declared |= file.contents.declared
            for found in file.contents.objects:
                earlier = first.setdefault((found.kind.name, found.namespace, found.name), found)
                if earlier is found:
                    merged.objects[found.kind].append(found.item)
                elif found.kind != NAMESPACES:
                    merged.duplicates.append(_duplicate(earlier, found))
        for name in dict.fromkeys(found.namespace for found in first.values() if found.kind != NAMESPACES):
            implied = None if name in declared else self._reader.namespace(name)
            if implied is not None:
                merged.objects[NAMESPACES].append(implied)
        return merged

    def _serve(self, merged: _Merged) -> tuple[set[NameLine], set[NameLine]]:
        """Hands everything to the inventory, at one go for whoever asks. Returns the touched names before and after."""
        keys: set[Key] = set()
        if self._inventory.synced:
            for kind, objects in merged.objects.items():
                keys |= touched_keys(self._inventory, kind, objects)
        before = name_lines(self._records, keys, self._domain)
        for kind, objects in merged.objects.items():
            self._inventory.replace(kind, objects)
        return before, name_lines(self._records, keys, self._domain)

    def _report(self, look: ManifestLook[FileObjects], merged: _Merged) -> None:
        """Problems of what was read now, and once each those that are not of one file."""
        errors = look.problems()
        errors += [problem for problem in look.unseen if problem not in self._unseen]
        errors += [problem for problem in merged.duplicates if problem not in self._duplicates]
        lines = [("ERROR", problem) for problem in errors] + [("WARNING", notice) for notice in look.notices()]
        self._unseen, self._duplicates = set(look.unseen), set(merged.duplicates)
        for level, problem in lines[: limits.MANIFEST_PROBLEMS]:
            self._log.line(level, f"{_NAME}: {problem}")
        if len(lines) > limits.MANIFEST_PROBLEMS:
            self._warn(f"... and {len(lines) - limits.MANIFEST_PROBLEMS} more")

    def _warn(self, text: str) -> None:
        self._log.line("WARNING", f"{_NAME}: {text}")


def _duplicate(first: PlacedObject, second: PlacedObject) -> ManifestProblem:
    subject = f"{second.kind.name} {second.namespace}/{second.name}"
    message = f"is there twice: the one at {first.file}:{first.line} is served, this one is not"
    return ManifestProblem(second.file, second.line, "metadata.name", message, subject)


def _nothing(look: ManifestLook[FileObjects]) -> str:
    """Why there is nothing to serve."""
    said = [*look.unseen, *look.problems(), *look.notices()]
    lines = [f"  {problem}" for problem in said[: limits.MANIFEST_PROBLEMS]]
    if len(said) > len(lines):
        lines.append(f"  ... and {len(said) - len(lines)} more")
    if not lines:
        skipped = _skipped(look)
        lines = [
            f"  only {_counted(skipped)}" if skipped else "  no file ends in .yaml, .yml or .json, or all are empty"
        ]
    return "\n".join(["the manifests hold nothing to serve:", *lines])


def _skipped(look: ManifestLook[FileObjects]) -> Counter[str]:
    return sum((file.contents.skipped for file in look.files.values()), Counter())


def _counted(kinds: Counter[str]) -> str:
    """``2 Services, 1 Pod``."""
    return ", ".join(_several(count, kind) for kind, count in kinds.items() if count) or "no objects"


def _several(count: int, what: str) -> str:
    plural = "" if count == 1 else "es" if what.endswith("s") else "s"
    return f"{count} {what}{plural}"
