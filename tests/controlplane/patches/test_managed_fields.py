from typing import Any

import pytest

from resolver import limits
from resolver.controlplane.decoding import canonical
from resolver.controlplane.patches.managed_fields import (
    BadManagedFields,
    FieldRecorder,
    Manager,
    read_managers,
    shown_manager,
    write_managers,
)
from resolver.controlplane.resources import SERVICES
from resolver.controlplane.write_request import WriteOptions

ENTRY: dict[str, Any] = {
    "manager": "a",
    "operation": "Update",
    "apiVersion": "v1",
    "time": "2026-01-01T00:00:00Z",
    "fieldsType": "FieldsV1",
    "fieldsV1": {"f:spec": {"f:type": {}}},
}


class Writer:
    """One object and those who write it, each a second after the one before."""

    def __init__(self) -> None:
        self.seconds = 0
        self.value: dict[str, Any] | None = None
        self._record = FieldRecorder(lambda: f"2026-01-01T00:00:{self.seconds:02}Z")

    def write(
        self, manager: str, spec: dict[str, Any], subresource: str = "", **metadata: Any
    ) -> list[tuple[str, Any]]:
        """The managers after it, with their fields of spec and metadata."""
        self.seconds += 1
        new = canonical(SERVICES, {"metadata": {"name": "x", **metadata}, "spec": spec})
        self._record(SERVICES, new, self.value, WriteOptions(manager=manager, subresource=subresource))
        self.value = new
        return [(each["manager"], each["fieldsV1"]) for each in new["metadata"].get("managedFields", [])]


def test_the_author_of_an_object_owns_what_it_says() -> None:
    writer = Writer()
    assert writer.write("a", {"type": "ClusterIP"}) == [("a", {"f:spec": {"f:type": {}}})]
    assert writer.value is not None
    assert writer.value["metadata"]["managedFields"][0]["time"] == "2026-01-01T00:00:01Z"


def test_who_changes_a_field_takes_it_over() -> None:
    writer = Writer()
    writer.write("a", {"type": "ClusterIP", "clusterIP": "1.1.1.1"})
    assert writer.write("b", {"type": "NodePort", "clusterIP": "1.1.1.1"}) == [
        ("a", {"f:spec": {"f:clusterIP": {}}}),
        ("b", {"f:spec": {"f:type": {}}}),
    ]


def test_a_field_that_is_gone_is_owned_by_no_one() -> None:
    writer = Writer()
    writer.write("a", {"type": "ClusterIP", "clusterIP": "1.1.1.1"})
    assert writer.write("b", {"type": "ClusterIP"}) == [("a", {"f:spec": {"f:type": {}}})]


def test_a_write_that_changes_nothing_leaves_the_record_alone() -> None:
    writer = Writer()
    before = writer.write("a", {"type": "ClusterIP"})
    assert writer.write("b", {"type": "ClusterIP"}) == before


def test_a_write_of_the_status_is_recorded_by_itself() -> None:
    writer = Writer()
    writer.write("a", {"type": "ClusterIP"})
    found = writer.write("a", {"type": "NodePort"}, "status", labels={"x": "y"})
    assert found[-1] == ("a", {"f:metadata": {"f:labels": {".": {}, "f:x": {}}}})
    assert writer.value is not None
    assert writer.value["metadata"]["managedFields"][-1]["subresource"] == "status"


def test_one_empty_entry_drops_the_record_for_good() -> None:
    writer = Writer()
    writer.write("a", {"type": "ClusterIP"})
    assert writer.write("b", {"type": "NodePort"}, managedFields=[{}]) == []
    assert writer.write("c", {"type": "ClusterIP"}) == []


def test_a_record_that_is_sent_along_counts() -> None:
    writer = Writer()
    writer.write("a", {"type": "ClusterIP"})
    given = [{**ENTRY, "manager": "z"}]
    assert writer.write("b", {"type": "ClusterIP"}, managedFields=given) == [("z", {"f:spec": {"f:type": {}}})]
    assert writer.write("b", {"type": "ClusterIP"}, managedFields=[{**ENTRY, "operation": "No"}])[0][0] == "z"


def test_the_oldest_updaters_become_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "UPDATE_MANAGERS", 2)
    writer = Writer()
    names = ["clusterIP", "type", "externalName", "sessionAffinity"]
    spec: dict[str, Any] = {}
    for number, field in enumerate(names):
        spec = {**spec, field: "x"}
        found = writer.write(f"m{number}", spec)
    assert found == [
        ("ancient-changes", {"f:spec": {"f:clusterIP": {}, "f:externalName": {}, "f:type": {}}}),
        ("m3", {"f:spec": {"f:sessionAffinity": {}}}),
    ]


def test_entries_are_written_as_they_were_read() -> None:
    applied = {**ENTRY, "operation": "Apply", "manager": "z", "subresource": "status"}
    assert write_managers(read_managers([ENTRY, applied])) == [applied, ENTRY]


@pytest.mark.parametrize(
    "changed",
    [
        {"operation": "Foo"},
        {"apiVersion": ""},
        {"fieldsType": "V2"},
        {"fieldsV1": {"x": {}}},
        {"fieldsV1": {"k:{": {}}},
    ],
)
def test_entries_that_cannot_be_are_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(BadManagedFields):
        read_managers([{**ENTRY, **changed}])


def test_managers_are_named_as_messages_name_them() -> None:
    assert shown_manager(Manager("a", "Apply")) == '"a"'
    assert shown_manager(Manager("a", "Update", "v1", "status")) == '"a" with subresource "status" using v1'
