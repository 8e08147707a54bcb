from typing import Any

import pytest

from resolver.controlplane.object_changes import deletion_finalizers, mark_deleted
from resolver.controlplane.write_request import DeleteOptions

NOW = "2026-01-01T00:01:00Z"


@pytest.mark.parametrize(
    ("finalizers", "options", "default", "expected"),
    [
        ([], {}, "", []),
        (["a/b"], {}, "", ["a/b"]),
        (["a/b"], {"propagation": "Orphan"}, "", ["a/b", "orphan"]),
        (["a/b"], {"propagation": "Foreground"}, "", ["a/b", "foregroundDeletion"]),
        (["a/b", "orphan"], {"propagation": "Background"}, "", ["a/b"]),
        (["orphan"], {}, "", ["orphan"]),
        (["foregroundDeletion"], {"propagation": "Orphan"}, "", ["orphan"]),
        ([], {"orphan_dependents": True}, "", ["orphan"]),
        (["orphan"], {"orphan_dependents": False}, "", []),
        ([], {}, "Orphan", ["orphan"]),
        ([], {"propagation": "Background"}, "Orphan", []),
    ],
)
def test_finalizers_tell_what_becomes_of_dependents(
    finalizers: list[str], options: dict[str, Any], default: str, expected: list[str]
) -> None:
    assert deletion_finalizers(finalizers, DeleteOptions(**options), default) == expected


def test_a_deletion_is_marked_and_counts_as_a_change_of_what_is_wanted() -> None:
    metadata: dict[str, Any] = {"generation": 3}
    mark_deleted(metadata, NOW, 30)
    assert metadata == {
        "generation": 4,
        "deletionTimestamp": "2026-01-01T00:01:30Z",
        "deletionGracePeriodSeconds": 30,
    }


def test_a_shorter_period_counts_from_when_the_first_began_but_ends_no_earlier_than_now() -> None:
    metadata: dict[str, Any] = {"deletionTimestamp": "2026-01-01T00:01:20Z", "deletionGracePeriodSeconds": 30}
    mark_deleted(metadata, NOW, 20)
    assert metadata["deletionTimestamp"] == "2026-01-01T00:01:10Z"
    mark_deleted(metadata, NOW, 1)
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (NOW, 1)
