"""What a request to write brings along besides the object."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from resolver.controlplane.decoding import WARN
from resolver.controlplane.stored_object import StoredObject

BACKGROUND: Final = "Background"
FOREGROUND: Final = "Foreground"
ORPHAN: Final = "Orphan"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """CreateOptions, UpdateOptions and PatchOptions. `field_validation`: Strict, Warn or Ignore.

    `manager` is who owns the fields in managedFields; `subresource` is ``status`` or empty.
    """

    dry_run: bool = False
    field_validation: str = WARN
    manager: str = ""
    subresource: str = ""


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """meta/v1 DeleteOptions. `uid` and `version` are preconditions. `propagation`: Orphan, Background, Foreground."""

    dry_run: bool = False
    uid: str | None = None
    version: str | None = None
    propagation: str | None = None
    orphan_dependents: bool | None = None
    grace_period: int | None = None


class Outcome(NamedTuple):
    """What a write has led to. `stored`: the object after it; of a dry run, as it would be.

    `created`: there was none before (HTTP 201). `deleted`: it is gone now.
    `warnings` are for ``Warning: 299`` headers, in order.
    """

    stored: StoredObject
    warnings: tuple[str, ...] = ()
    created: bool = False
    deleted: bool = False

    @property
    def object(self) -> dict[str, Any]:
        return self.stored.object


@dataclass(slots=True)
class Write:
    """One write while it is judged, inside a transaction of the store. `now`: metav1.Time text.

    `release`: what is done, mostly given back, once the object is stored: in the same transaction, never in a dry run.
    """

    dry_run: bool
    now: str
    warnings: list[str] = field(default_factory=list)
    release: list[Callable[[], None]] = field(default_factory=list)
