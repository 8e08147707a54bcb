"""The one embedded cluster of a process, and the manifests that are applied to it: what all embedded feeds show."""

import asyncio
import gc
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Final, Literal

from resolver import limits
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.manifest_applying import Applied, ManifestApplier
from resolver.controlplane.manifest_files import ManifestSource
from resolver.controlplane.manifest_places import Document, ManifestProblem
from resolver.controlplane.manifest_set import ManifestLook, ManifestSet
from resolver.controlplane.manifest_wanted import FileWishes, Key, Wanted, read_wishes
from resolver.controlplane.resources import NAMESPACES
from resolver.corefile.tokens import BadConfig
from resolver.plugins.metric_rows import MetricRow
from resolver.server.cluster_names import ClusterNames
from resolver.server.log import Log
from resolver.server.manifest_watch import FolderWatch
from resolver.server.name_changes import changes

_NAME: Final = "manifests"


class EmbeddedSource:
    """Applies `manifests` to `cluster`; with `watch`, again whenever a file changes.

    The first reading applies what is in order and reports the rest; after that a file with a problem keeps all it made
    before (see ManifestSet, ManifestApplier). Two objects of one kind, namespace and name: the first is applied, and
    both places are reported. A Namespace may be declared any number of times. `domain` is what printed names end in.
    `may_be_empty`: the cluster is also filled from elsewhere.
    """

    def __init__(
        self,
        cluster: EmbeddedCluster,
        manifests: ManifestSource | None,
        log: Log,
        *,
        watch: bool = False,
        may_be_empty: bool = False,
        domain: str = "cluster.local",
    ) -> None:
        self.cluster = cluster
        self.feeds: list[object] = []
        self.imports: list[Document] = []
        self.imports_changed: list[Callable[[], None]] = []
        self._source = manifests
        self._log = log
        self._watch = watch
        self._may_be_empty = may_be_empty or watch
        self._domain = domain
        self._manifests = ManifestSet(manifests, read_wishes) if manifests is not None else None
        self._applier: ManifestApplier | None = None
        self._names: ClusterNames | None = None
        self._turn = asyncio.Lock()
        self._unseen: set[ManifestProblem] = set()
        self._told: set[ManifestProblem] = set()
        self._following: asyncio.Task[None] | None = None
        self._reloads = 0
        self._failures = 0

    async def start(self) -> None:
        """Applies everything. Raises BadConfig where nothing at all can be applied. The cluster runs already."""
        if self._manifests is None or self._source is None:
            return
        self._applier = ManifestApplier(self.cluster.api, self.cluster.clock)
        async with self._turn:
            with _no_garbage_looked_for():
                look = await asyncio.to_thread(self._manifests.look)
                wanted, duplicates = _merged(look)
                applied = await self._apply(wanted, at_once=True)
            said = [*look.unseen, *look.problems(), *duplicates, *applied.problems]
            if not self._applier.applied and not self.imports and (said or not self._may_be_empty):
                raise BadConfig(_nothing(look, said))
            self._report(look, [*duplicates, *applied.problems])
        skipped = _skipped(look)
        if skipped:
            self._log.info(f"{_NAME}: left out {_counted(skipped)}: this cluster has no such kind")
        kinds = Counter(resource.kind for resource, _, _ in self._applier.applied)
        self._log.info(f"{_NAME}: {_counted(kinds)} from {_several(len(look.files), 'file')}")
        if self._watch and self._source.folders():
            self._names = ClusterNames(self.cluster.store, self._domain)
            self._following = asyncio.ensure_future(self._follow(self._source))

    async def stop(self) -> None:
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        if self._names is not None:
            self._names.close()

    def documents(self) -> dict[Key, Document]:
        """What was written of objects, in manifests and by who applied them to the cluster; of two the first counts."""
        found = dict(self.cluster.written)
        for file in self._files():
            for wanted in file.wanted:
                found.setdefault(wanted.key, wanted.document)
        return found

    def metrics(self) -> Iterator[MetricRow]:
        files = self._manifests.files if self._manifests is not None else {}
        problems = len(self._unseen) + len(self._told) + sum(len(file.problems) for file in files.values())
        rows: tuple[tuple[str, Literal["gauge", "counter"], str, int], ...] = (
            ("files", "gauge", "Manifest files there are, broken ones too.", len(files)),
            ("problems", "gauge", "Problems in the manifests as last read.", problems),
            ("reloads_total", "counter", "Times changed manifests were read.", self._reloads),
            ("reload_failures_total", "counter", "Times a changed manifest was broken or refused.", self._failures),
        )
        for name, kind, text, value in rows:
            yield MetricRow(f"dualdns_manifest_{name}", kind, text, (), value)

    async def _follow(self, source: ManifestSource) -> None:
        async with FolderWatch(source.folders, self._warn) as folders:
            while True:
                await folders.changed()
                try:
                    await self.reload()
                except Exception as error:  # noqa: BLE001 - a bug in one reading must not end the watch unheard
                    self._log.error(f"{_NAME}: reading failed: {type(error).__name__}: {error}"[: limits.LOG_LINE])

    async def reload(self) -> bool:
        """Applies what has changed on disk and prints which names that changed; False where nothing has."""
        if self._manifests is None:
            return False
        async with self._turn:
            with _no_garbage_looked_for():
                look = await asyncio.to_thread(self._manifests.look)
            if not look.read and not look.gone and self._unseen.issuperset(look.unseen):
                self._unseen = set(look.unseen)
                return False
            wanted, duplicates = _merged(look)
            names = self._names or ClusterNames(self.cluster.store, self._domain)
            self._names = names
            names.catch_up()
            applied = await self._apply(wanted)
            self._report(look, [*duplicates, *applied.problems])
            before, after = names.changes()
        self._reloads += 1
        broken = list(dict.fromkeys([*look.broken, *(name for name in applied.refused if name in look.read)]))
        self._failures += bool(broken)
        for name in broken:
            self._warn(f"{name}: what it said before stays until it is mended")
        lines = changes(before, after)
        if lines:
            counts = f"{_several(len(after - before), 'name')} added, {len(before - after)} removed"
            self._log.info(f"{_NAME}: {counts}")
        elif look.read and not broken:
            self._log.info(f"{_NAME}: read again, no name has changed")
        for line in lines:
            self._log.print(line)
        return True

    async def _apply(self, wanted: list[Wanted], *, at_once: bool = False) -> Applied:
        """Applies until the controllers rest; what was refused is tried once more then: it may have waited for them.

        Questions are answered meanwhile, unless it is to be done `at_once`, which is faster.
        """
        applier = self._applier
        if applier is None:
            raise RuntimeError("the source has not been started")
        applied = applier.apply(wanted) if at_once else await _in_turns(applier.applying(wanted))
        await self.cluster.settled()
        if applied.problems:
            applied = applier.apply(wanted) if at_once else await _in_turns(applier.applying(wanted))
            await self.cluster.settled()
        self.imports = [document for file in self._files() for document in file.imports]
        for changed in self.imports_changed:
            changed()
        return applied

    def _files(self) -> Iterator[FileWishes]:
        if self._manifests is not None:
            yield from (file.contents for file in self._manifests.files.values())

    def _report(self, look: ManifestLook[FileWishes], found: list[ManifestProblem]) -> None:
        """Problems of what was read now, and once each those of other files. `found`: what files do not know."""
        errors = look.problems()
        errors += [problem for problem in look.unseen if problem not in self._unseen]
        errors += [problem for problem in found if problem not in self._told or problem.file in look.read]
        lines = [("ERROR", problem) for problem in errors] + [("WARNING", notice) for notice in look.notices()]
        self._unseen, self._told = set(look.unseen), set(found)
        for level, problem in lines[: limits.MANIFEST_PROBLEMS]:
            self._log.line(level, f"{_NAME}: {problem}")
        if len(lines) > limits.MANIFEST_PROBLEMS:
            self._warn(f"... and {len(lines) - limits.MANIFEST_PROBLEMS} more")

    def _warn(self, text: str) -> None:
        self._log.line("WARNING", f"{_NAME}: {text}")


async def _in_turns(applying: Generator[None, None, Applied]) -> Applied:
    """Goes through all steps; all else on the loop has a turn between two of them."""
    while True:
        try:
            next(applying)
        except StopIteration as end:
            applied: Applied = end.value
            return applied
        await asyncio.sleep(0)


@contextmanager
def _no_garbage_looked_for() -> Iterator[None]:
    """While very much is read at once: it would double the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _merged(look: ManifestLook[FileWishes]) -> tuple[list[Wanted], list[ManifestProblem]]:
    """Everything that is wanted, and what is there twice."""
    first: dict[Key, Wanted] = {}
    duplicates = []
    for file in look.files.values():
        for wanted in file.contents.wanted:
            earlier = first.setdefault(wanted.key, wanted)
            if earlier is not wanted and wanted.key[0] is not NAMESPACES:
                duplicates.append(_duplicate(earlier, wanted))
    return list(first.values()), duplicates


def _duplicate(first: Wanted, second: Wanted) -> ManifestProblem:
    place = f"{first.file}:{first.document.line}"
    return second.document.problem("metadata.name", f"is there twice: the one at {place} is applied, this one is not")


def _nothing(look: ManifestLook[FileWishes], said: list[ManifestProblem]) -> str:
    """Why there is nothing to apply."""
    said = [*said, *look.notices()]
    lines = [f"  {problem}" for problem in said[: limits.MANIFEST_PROBLEMS]]
    if len(said) > len(lines):
        lines.append(f"  ... and {len(said) - len(lines)} more")
    if not lines:
        skipped = _skipped(look)
        lines = [
            f"  only {_counted(skipped)}" if skipped else "  no file ends in .yaml, .yml or .json, or all are empty"
        ]
    return "\n".join(["the manifests hold nothing to serve:", *lines])


def _skipped(look: ManifestLook[FileWishes]) -> Counter[str]:
    return sum((file.contents.skipped for file in look.files.values()), Counter())


def _counted(kinds: Counter[str]) -> str:
    """``2 Services, 1 Pod``."""
    return ", ".join(_several(count, kind) for kind, count in kinds.items() if count) or "no objects"


def _several(count: int, what: str) -> str:
    plural = "" if count == 1 or what.endswith("oints") else "es" if what.endswith("s") else "s"
    return f"{count} {what}{plural}"
