"""Brings the embedded cluster to what manifests say, by server-side apply: create, update, delete with the API's rules.

It is told everything that is wanted, again and again, and does what is missing. The first time each object stands for
itself; after that a file is taken up whole or not at all, so one with a mistake keeps what it made before.
"""

from collections.abc import Callable, Collection, Generator, Iterable
from dataclasses import dataclass, field
from typing import Final

from resolver.controlplane.cluster_api import ClusterApi
from resolver.controlplane.decoding import IGNORE
from resolver.controlplane.document_writing import DocumentWriter, refusals
from resolver.controlplane.manifest_places import ManifestProblem
from resolver.controlplane.manifest_wanted import Key, Wanted
from resolver.controlplane.resources import NAMESPACES, RESOURCES
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject
from resolver.controlplane.write_request import DeleteOptions

MADE: Final = "dualdns-manifests"
"""Owns the fields of objects that manifests made: these go when their manifest does, after a restart too."""
SHARED: Final = "dualdns-manifests-shared"
"""Owns what manifests say of objects that were there before."""

_MARK: Final = "dualdns.dev/made-by"
_BACKGROUND: Final = DeleteOptions(propagation="Background")


@dataclass(slots=True)
class Applied:
    """What came of one time. `refused`: files that keep what they said before; `problems` are of all files."""

    changed: int = 0
    problems: list[ManifestProblem] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Step:
    """What is taken up whole or not at all."""

    file: str
    changes: list[Wanted] = field(default_factory=list)
    gone: list[Key] = field(default_factory=list)
    problems: list[ManifestProblem] = field(default_factory=list)


class _Refused(Exception):
    """Takes a step back."""


class ManifestApplier:
    """`clock`: metav1.Time text. What manifests made before a restart is found again by who owns its fields."""

    def __init__(self, api: ClusterApi, clock: Callable[[], str]) -> None:
        self._api = api
        self._writer = DocumentWriter(api, clock, IGNORE)
        self._applied: dict[Key, Wanted] = {}
        self._before = {(each.resource, each.namespace, each.name) for each in _made(api)}
        self._first = True

    @property
    def applied(self) -> Collection[Key]:
        """What has been applied, and not been taken away since."""
        return self._applied.keys()

    def apply(self, wanted: Iterable[Wanted]) -> Applied:
        """Makes the cluster what is wanted, of which no two have one key. Only what has changed is looked at."""
        applying = self.applying(wanted)
        while True:
            try:
                next(applying)
            except StopIteration as end:
                applied: Applied = end.value
                return applied

    def applying(self, wanted: Iterable[Wanted]) -> Generator[None, None, Applied]:
        """The same, step by step: between two of them others may have their turn."""
        all_wanted = {each.key: each for each in wanted}
        result = Applied(problems=self._make_namespaces(all_wanted))
        left = self._steps(all_wanted)
        while left:
            tried, left = left, []
            for step in tried:
                if not self._take(step, result):
                    left.append(step)
                yield
            if len(left) == len(tried):
                break
        result.problems += [problem for step in left for problem in step.problems]
        result.refused = list(dict.fromkeys(step.file for step in left))
        self._first = False
        return result

    def _steps(self, wanted: dict[Key, Wanted]) -> list[_Step]:
        """In the order they are tried; those that need others are tried again."""
        changes = [each for each in wanted.values() if not self._is_applied(each)]
        changes.sort(key=lambda each: each.rank)
        gone = [key for key in self._applied if key not in wanted]
        if self._first:
            lost = [_Step("", gone=[key]) for key in self._before if key not in wanted]
            return [*lost, *(_Step(each.file, [each]) for each in changes)]
        by_file: dict[str, _Step] = {}
        for key in reversed(gone):
            file = self._applied[key].file
            by_file.setdefault(file, _Step(file)).gone.append(key)
        for each in changes:
            by_file.setdefault(each.file, _Step(each.file)).changes.append(each)
        return list(by_file.values())

    def _is_applied(self, wanted: Wanted) -> bool:
        before = self._applied.get(wanted.key)
        if before is None or not before.says_the_same_as(wanted):
            return False
        self._applied[wanted.key] = wanted  # its place may have changed
        return True

    def _make_namespaces(self, wanted: dict[Key, Wanted]) -> list[ManifestProblem]:
        """Makes those that objects are in, that are not there and that no manifest declares: folders of manifests are
        mostly made for namespaces that are there already. They stay when the objects go."""
        problems = []
        for name, needed_by in {key[1]: each for key, each in wanted.items() if key[1]}.items():
            if (NAMESPACES, "", name) in wanted:
                continue
            try:
                self._writer.make_namespace(name, SHARED)
            except StatusError as error:
                problems.append(needed_by.document.problem("metadata.namespace", error.message))
        return problems

    def _take(self, step: _Step, result: Applied) -> bool:
        """Whether the step could be taken; its problems say why not."""
        step.problems = []
        try:
            if len(step.changes) + len(step.gone) == 1:
                self._write(step)
            else:
                with self._api.store.transaction():
                    self._write(step)
        except _Refused:
            return False
        for key in step.gone:
            self._applied.pop(key, None)
        self._applied |= {each.key: each for each in step.changes}
        result.changed += len(step.changes) + len(step.gone)
        return True

    def _write(self, step: _Step) -> None:
        for key in step.gone:
            self._delete(key, step)
        for each in step.changes:
            try:
                self._apply_one(each)
            except StatusError as error:
                step.problems += refusals(each.document, error)
        if step.problems:
            raise _Refused

    def _delete(self, key: Key, step: _Step) -> None:
        found = self._api.store.get(*key)
        if found is None or not _is_made(found):
            return
        try:
            self._api.delete(*key, _BACKGROUND)
        except StatusError as error:
            step.problems.append(ManifestProblem(step.file, 0, "", error.message, f"{key[0].kind} {found.key}"))

    def _apply_one(self, wanted: Wanted) -> None:
        """Raises StatusError."""
        live = self._api.store.get(*wanted.key)
        manager = MADE if live is None or _is_made(live) else SHARED
        before, status = self._applied.get(wanted.key), wanted.status
        if status is None and before is not None and before.status is not None:
            status = {}
        config = _marked(wanted.config) if manager == MADE else wanted.config
        self._writer.write(wanted, manager, config, status)


def _marked(config: JsonObject) -> JsonObject:
    """A manifest that says no more than a name owns no field that could tell who made the object: it gets one."""
    metadata = config["metadata"]
    rest = [config.get(key) for key in config if key not in ("apiVersion", "kind", "metadata")]
    if any(rest) or any(metadata.get(key) for key in metadata if key not in ("name", "namespace")):
        return config
    return {**config, "metadata": {**metadata, "annotations": {_MARK: "manifests"}}}


def _made(api: ClusterApi) -> list[StoredObject]:
    return [each for resource in RESOURCES for each in api.store.all(resource) if _is_made(each)]


def _is_made(item: StoredObject) -> bool:
    """Whether manifests made the object."""
    if MADE.encode() not in item.body:
        return False
    return any(each.get("manager") == MADE for each in item.object["metadata"].get("managedFields", ()))
