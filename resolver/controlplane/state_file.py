"""``--state FILE``: the embedded cluster in SQLite. What has been acknowledged is there after a kill -9.

Each commit of the store is one transaction in the write-ahead log: objects and, for watches to resume, the latest
changes. The log reaches the disk with the system's next flush: a crash of the machine may cost the last moments,
never the consistency of the file.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from resolver import limits
from resolver.controlplane.object_store import DELETED, Change, ObjectStore
from resolver.controlplane.resources import RESOURCES, Resource
from resolver.controlplane.status_error import StatusError
from resolver.controlplane.stored_object import StoredObject

_APPLICATION: Final = 0x64756164  # "duad": tells our files from other SQLite ones
_FORMAT: Final = 1
_BY_NAME: Final = {each.group_resource: each for each in RESOURCES}
_TABLES: Final = """
CREATE TABLE objects (kind TEXT, key TEXT, version INTEGER, body BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID;
CREATE TABLE changes (
    version INTEGER PRIMARY KEY, kind TEXT, type TEXT, key TEXT, body BLOB, before_version INTEGER, before BLOB
);
"""
_KEEP: Final = "INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)"
_DROP: Final = "DELETE FROM objects WHERE kind = ? AND key = ?"
_TELL: Final = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)"


class BadState(ValueError):
    """The file cannot be used; the text says why and what to do."""


class StateFile:
    """An open state file: `journal` is what an ObjectStore is made with, `restore` fills it from what was kept."""

    def __init__(self, path: Path) -> None:
        """Opens or makes the file. Raises BadState where it is in use, or is something else."""
        self._path = path
        self._since_pruned = 0
        try:
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=limits.STATE_LOCK_SECONDS)
        except sqlite3.Error as error:
            raise BadState(self._explained(error)) from error
        try:
            self._prepare()
        except BaseException as error:
            self._connection.close()  # which takes back what was begun
            if isinstance(error, sqlite3.Error):
                raise BadState(self._explained(error)) from error
            raise

    def _prepare(self) -> None:
        run = self._connection.execute
        run("PRAGMA locking_mode = EXCLUSIVE")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        run(f"PRAGMA wal_autocheckpoint = {limits.STATE_LOG_PAGES}")
        run("BEGIN IMMEDIATE")
        application, form = run("PRAGMA application_id").fetchone()[0], run("PRAGMA user_version").fetchone()[0]
        tables = run("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if not tables:
            for statement in _TABLES.split(";"):
                run(statement)
            run(f"PRAGMA application_id = {_APPLICATION}")
            run(f"PRAGMA user_version = {_FORMAT}")
        elif application != _APPLICATION:
            raise BadState(f"{self._path} is a database of something else: name another file for --state")
        elif form != _FORMAT:
            raise BadState(f"{self._path} was written by another version of dualdns (format {form}, not {_FORMAT})")
        run("COMMIT")

    def _explained(self, error: sqlite3.Error) -> str:
        if "locked" in str(error):
            return f"{self._path} is in use by another dualdns: stop that one, or name another file for --state"
        if "not a database" in str(error):
            return f"{self._path} is no state of a cluster: name another file for --state"
        return f"{self._path} cannot be used for --state: {error}"

    def restore(self, store: ObjectStore) -> None:
        """Fills an empty store. Raises BadState where the file cannot be read."""
        try:
            past = list(self._changes())
            newest = past[-1].now.version if past else 1
            dropped = past[0].now.version - 1 if past else newest
            store.restore(self._objects(), past, newest, dropped)
        except (sqlite3.Error, KeyError) as error:
            raise BadState(f"{self._path} cannot be read: {error!r}") from error

    def _objects(self) -> Iterator[StoredObject]:
        for kind, key, version, body in self._connection.execute("SELECT * FROM objects"):
            yield StoredObject(_BY_NAME[kind], key, version, body)

    def _changes(self) -> Iterator[Change]:
        rows = self._connection.execute("SELECT * FROM changes ORDER BY version")
        for version, kind, type, key, body, before_version, before in rows:
            resource: Resource = _BY_NAME[kind]
            old = StoredObject(resource, key, before_version, before) if before is not None else None
            yield Change(type, StoredObject(resource, key, version, body), old)

    def journal(self, changes: list[Change]) -> None:
        """Keeps a commit. Raises StatusError 500 where it cannot: then nothing of it is kept."""
        try:
            self._connection.execute("BEGIN")
            for change in changes:
                self._keep(change)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):  # there may be none to take back
                self._connection.execute("ROLLBACK")
            raise StatusError.internal(f"the state file {self._path} cannot be written: {error}") from error
        self._since_pruned += len(changes)
        if self._since_pruned > limits.STATE_PRUNE_EVERY:
            self._prune(changes[-1].now.version)

    def _keep(self, change: Change) -> None:
        now, before = change.now, change.before
        kind = now.resource.group_resource
        if change.type == DELETED:
            self._connection.execute(_DROP, (kind, now.key))
        else:
            self._connection.execute(_KEEP, (kind, now.key, now.version, now.body))
        told = (before.version, before.body) if before else (None, None)
        self._connection.execute(_TELL, (now.version, kind, change.type, now.key, now.body, *told))

    def _prune(self, newest: int) -> None:
        self._since_pruned = 0
        self._connection.execute("DELETE FROM changes WHERE version <= ?", (newest - limits.KEPT_CHANGES,))

    def close(self) -> None:
        """Idempotent. The log is folded into the file."""
        self._connection.close()
