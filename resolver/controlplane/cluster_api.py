"""The door to the embedded cluster: every write of the HTTP API, of manifests and of Python comes through here.

It does what kube-apiserver's generic registry does (apiserver pkg/registry/generic/registry/store.go): decoding,
defaults, admission, metadata, optimistic locking, strategies, storing. All calls are synchronous: when one returns, it
has happened; when it raises StatusError, nothing has.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any, Final

from resolver import limits
from resolver.controlplane import object_changes as steps
from resolver.controlplane.decoding import Decoded, canonical, decode
from resolver.controlplane.identity import new_uid, random_suffix
from resolver.controlplane.object_store import ObjectStore, Subscription
from resolver.controlplane.resources import NAMESPACES, RESOURCES, Resource
from resolver.controlplane.status_error import Cause, StatusError
from resolver.controlplane.stored_object import JsonObject, StoredObject, stored
from resolver.controlplane.strategy import Strategy
from resolver.controlplane.write_request import DeleteOptions, Outcome, Write, WriteOptions

_VERSION_GIVEN: Final = "resourceVersion should not be set on objects to be created"
PLAIN: Final = WriteOptions()
AT_ONCE: Final = DeleteOptions()

FieldTracker = Callable[[Resource, JsonObject, JsonObject | None, WriteOptions], None]
"""Writes metadata.managedFields into a new object: resource, new, old, options. After defaults, before admission."""

Produce = Callable[[JsonObject | None], Decoded]
"""Makes the new state of an object from a copy of the old one, or from None where it is to be created."""


def untracked(resource: Resource, value: JsonObject, old: JsonObject | None, options: WriteOptions) -> None:
    """Keeps no record of who owns which field."""
    value["metadata"].pop("managedFields", None)


class ClusterApi:
    """Objects by kind, namespace (empty for those of the cluster) and name.

    `strategies` for kinds that need one of their own. `clock`: metav1.Time text. `random`: uids and generated names.
    """

    def __init__(
        self,
        store: ObjectStore,
        strategies: Mapping[Resource, Strategy],
        clock: Callable[[], str],
        random: Random,
        track_fields: FieldTracker = untracked,
    ) -> None:
        self.store = store
        self.strategies = {each: strategies.get(each) or Strategy(each) for each in RESOURCES}
        self._clock = clock
        self._random = random
        self._track_fields = track_fields

    # -- reading: lists are `store.page`

    def get(self, resource: Resource, namespace: str, name: str) -> StoredObject:
        """Raises StatusError 404."""
        found = self.store.get(resource, namespace, name)
        if found is None:
            raise StatusError.not_found(resource, name)
        return found

    def watch(self, resource: Resource, since: int, wake: Callable[[], None]) -> Subscription:
        """See `ObjectStore.subscribe`."""
        return self.store.subscribe(resource, since, wake)

    # -- creating

    def create(self, resource: Resource, namespace: str, document: Any, options: WriteOptions = PLAIN) -> Outcome:
        """POST to the collection. Raises StatusError 400, 403, 404, 409, 422 or 500."""
        decoded = decode(resource, document, options.field_validation)
        return self.create_decoded(resource, namespace, decoded, options)

    def create_decoded(
        self, resource: Resource, namespace: str, decoded: Decoded, options: WriteOptions = PLAIN
    ) -> Outcome:
        """The same for an object that has been decoded already; it is changed."""
        with self._write(options, decoded.warnings) as write:
            return self._create_new(resource, namespace, decoded.value, options, write)

    def _create_new(
        self, resource: Resource, namespace: str, value: JsonObject, options: WriteOptions, write: Write
    ) -> Outcome:
        steps.settle_namespace(resource, namespace, value)
        version = value["metadata"].get("resourceVersion", "")
        steps.forget_server_fields(value)
        steps.settle_owners(value, write)
        self._complete(resource, value, None, options, write)
        prefix = value["metadata"].get("generateName", "")
        if value["metadata"].get("name") or not prefix:
            return self._create(resource, value, write, version)
        return self._create_generated(resource, value, write, prefix)

    def _complete(
        self, resource: Resource, value: JsonObject, old: JsonObject | None, options: WriteOptions, write: Write
    ) -> None:
        """Defaults, owners of fields and admission."""
        strategy = self.strategies[resource]
        strategy.default(value)
        self._track_fields(resource, value, old, options)
        if old is None and resource.namespaced:
            self._check_namespace(resource, value["metadata"])
        strategy.admit(value, old, write)

    def _create_generated(self, resource: Resource, value: JsonObject, write: Write, prefix: str) -> Outcome:
        attempts = limits.NAME_ATTEMPTS
        while True:
            attempts -= 1
            name = prefix[: limits.GENERATED_NAME - limits.GENERATED_SUFFIX]
            name += random_suffix(self._random, limits.GENERATED_SUFFIX)
            fresh = canonical(resource, {**value, "metadata": {**value["metadata"], "name": name}})
            try:
                return self._create(resource, fresh, write, "")
            except StatusError as error:
                if error.reason != "AlreadyExists" or not attempts:
                    raise

    def _create(self, resource: Resource, value: JsonObject, write: Write, version: str) -> Outcome:
        """`value` has its final name. `version`: the resourceVersion its author gave, which there must be none of.

        What is no number counts as none, and the real server's dry run does not look.
        """
        strategy = self.strategies[resource]
        metadata = value["metadata"]
        metadata["uid"] = new_uid(self._random)
        metadata["creationTimestamp"] = write.now
        with self.store.transaction():
            strategy.begin_create(value, write)
            steps.before_create(strategy, value, write)
            if not write.dry_run and version.isascii() and version.isdecimal() and int(version):
                raise StatusError(500, "", _VERSION_GIVEN)
            if version or not write.dry_run:
                metadata["resourceVersion"] = version or "0"  # in its place; the store writes the number
            value = canonical(resource, value)
            existing = self.store.get(resource, metadata.get("namespace", ""), metadata["name"])
            if existing is not None:
                deleting = "deletionTimestamp" in existing.object["metadata"]
                generated = "generateName" in metadata
                raise StatusError.already_exists(resource, existing.name, generated=generated, deleting=deleting)
            new = stored(resource, value, 0) if write.dry_run else self.store.create(resource, value)
            if not write.dry_run:
                for release in write.release:
                    release()
        return Outcome(new, tuple(write.warnings), created=True)

    # -- updating

    def update(
        self, resource: Resource, namespace: str, name: str, document: Any, options: WriteOptions = PLAIN
    ) -> Outcome:
        """PUT: replaces the object, or creates it where the kind allows that. Raises as `create` does."""
        decoded = decode(resource, document, options.field_validation)
        with self._write(options, decoded.warnings) as write:
            steps.settle_namespace(resource, namespace, decoded.value)
            steps.check_name(decoded.value, name)
            old = self.store.get(resource, namespace, name)
            create = self.strategies[resource].create_on_update and not options.subresource
            if old is None and not create:
                raise StatusError.not_found(resource, name)
            steps.settle_owners(decoded.value, write)
            key = f"{namespace}/{name}" if namespace else name
            prefix = resource.storage_prefix.removeprefix("/registry") if options.dry_run else resource.storage_prefix
            steps.check_uid(resource, decoded.value, old, f"{prefix}/{key}")
            return self._change(resource, old, decoded.value, options, write)

    def patch(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        produce: Produce,
        options: WriteOptions = PLAIN,
        *,
        create: bool = False,
    ) -> Outcome:
        """PATCH: `produce` makes the new state. `create`: it may make a new object (server-side apply)."""
        old = self.store.get(resource, namespace, name)
        if old is None and not create:
            raise StatusError.not_found(resource, name)
        decoded = produce(self.strategies[resource].recalled(old.copy()) if old else None)
        with self._write(options, decoded.warnings) as write:
            steps.settle_namespace(resource, namespace, decoded.value)
            steps.check_name(decoded.value, name)
            steps.settle_owners(decoded.value, write, patched=True)
            return self._change(resource, old, decoded.value, options, write)

    def _change(
        self, resource: Resource, old: StoredObject | None, value: JsonObject, options: WriteOptions, write: Write
    ) -> Outcome:
        if old is None:
            steps.forget_server_fields(value)
            self._complete(resource, value, None, options, write)
            return self._create(resource, value, write, "")
        strategy = self.strategies[resource]
        before = strategy.recalled(old.copy())
        self._complete(resource, value, before, options, write)
        steps.check_version(resource, value, old, unconditional=strategy.unconditional_update)
        with self.store.transaction():
            if not options.subresource:
                strategy.begin_update(value, before, write)
            steps.before_update(strategy, value, before, write, options.subresource)
            value = canonical(resource, value)
            if self._is_finished(strategy, value, before):
                self._remove(old, value, write)
                return Outcome(stored(resource, value, old.version), tuple(write.warnings), deleted=True)
            new = stored(resource, value, old.version)
            if not write.dry_run and not _alike(new, old):
                new = self.store.update(resource, value, old)
                for release in write.release:
                    release()
        return Outcome(new, tuple(write.warnings))

    # -- deleting

    def delete(self, resource: Resource, namespace: str, name: str, options: DeleteOptions = AT_ONCE) -> Outcome:
        """DELETE. The object goes at once, or stays for its finalizers or its grace period: then `deleted` is False.

        Raises StatusError 403, 404, 409 or 422.
        """
        old = self.get(resource, namespace, name)
        if errors := steps.delete_option_errors(options):
            raise StatusError.invalid_kind("meta.k8s.io", "DeleteOptions", "", errors)
        steps.check_preconditions(resource, old, options)
        write = Write(options.dry_run, self._clock())
        strategy = self.strategies[resource]
        value = old.copy()
        strategy.check_delete(value, options, write)
        metadata = value["metadata"]
        grace = self._grace_period(strategy, value, options)
        if grace is None:
            return Outcome(old)
        finalizers = metadata.get("finalizers", [])
        kept = steps.deletion_finalizers(finalizers, options, strategy.default_propagation)
        metadata["finalizers"] = kept
        with self.store.transaction():
            if strategy.keeps_until_finalized(value):
                metadata.setdefault("deletionTimestamp", write.now)
            elif kept or grace:
                steps.mark_deleted(metadata, write.now, grace)
            else:
                if strategy.grace_period(value, options) is not None:
                    steps.mark_deleted(metadata, write.now, 0)
                    old = self._store_change(resource, value, old, write)
                return Outcome(self._remove(old, old.copy(), write), tuple(write.warnings), deleted=True)
            strategy.prepare_termination(value)
            return Outcome(self._store_change(resource, value, old, write), tuple(write.warnings))

    def delete_collection(
        self,
        resource: Resource,
        namespace: str,
        options: DeleteOptions = AT_ONCE,
        matches: Callable[[StoredObject], bool] | None = None,
    ) -> list[Outcome]:
        """DELETE of a collection: each object as `delete` does it."""
        found = self.store.page(resource, namespace, matches=matches).items
        return [self.delete(resource, each.namespace, each.name, options) for each in found]

    def _grace_period(self, strategy: Strategy, value: JsonObject, options: DeleteOptions) -> int | None:
        """Seconds until the object may go, 0 for at once; None where a delete under way is not hastened by this one."""
        wanted = strategy.grace_period(value, options)
        if wanted is None:
            return 0
        under_way = value["metadata"].get("deletionGracePeriodSeconds", 0)
        if "deletionTimestamp" not in value["metadata"] or not under_way:
            return 0 if "deletionTimestamp" in value["metadata"] else wanted
        return wanted if options.grace_period is not None and wanted < under_way else None

    def _remove(self, old: StoredObject, value: JsonObject, write: Write) -> StoredObject:
        """Takes the object away for good; the result is its last state."""
        if write.dry_run:
            return stored(old.resource, value, old.version)
        gone = self.store.delete(old)
        self.strategies[old.resource].after_delete(value, write)
        for release in write.release:
            release()
        return gone

    def _store_change(self, resource: Resource, value: JsonObject, old: StoredObject, write: Write) -> StoredObject:
        value = canonical(resource, value)
        new = stored(resource, value, old.version)
        return new if write.dry_run or _alike(new, old) else self.store.update(resource, value, old)

    def _is_finished(self, strategy: Strategy, value: JsonObject, old: JsonObject) -> bool:
        """The last finalizer of an object that is being deleted has gone."""
        metadata = value["metadata"]
        if metadata.get("finalizers") or "deletionTimestamp" not in old["metadata"]:
            return False
        return not old["metadata"].get("deletionGracePeriodSeconds") and not strategy.keeps_until_finalized(value)

    # -- small things

    @contextmanager
    def _write(self, options: WriteOptions, warnings: list[str]) -> Iterator[Write]:
        """One write: what it has warned about goes out with its refusal too."""
        write = Write(options.dry_run, self._clock(), warnings)
        try:
            yield write
        except StatusError as error:
            error.warnings = tuple(write.warnings)
            raise

    def _check_namespace(self, resource: Resource, metadata: JsonObject) -> None:
        """Nothing new comes into a namespace that does not exist (404) or is going (403)."""
        name = metadata.get("namespace", "")
        namespace = self.get(NAMESPACES, "", name)
        if "deletionTimestamp" in namespace.object["metadata"]:
            raise StatusError.forbidden(
                resource,
                metadata.get("name") or metadata.get("generateName") or "Unknown",
                f"unable to create new content in namespace {name} because it is being terminated",
                [Cause("metadata.namespace", "NamespaceTerminating", f"namespace {name} is being terminated")],
            )


def _alike(new: StoredObject, old: StoredObject) -> bool:
    """Nothing has changed, the times in managedFields aside: such a write is no write."""
    if new.body == old.body:
        return True
    if "managedFields" not in new.object["metadata"]:
        return False
    return _without_times(new.object) == _without_times(old.object)


def _without_times(value: JsonObject) -> JsonObject:
    metadata = value["metadata"]
    fields = [{**each, "time": ""} for each in metadata.get("managedFields", [])]
    return {**value, "metadata": {**metadata, "managedFields": fields}}
