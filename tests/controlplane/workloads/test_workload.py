"""What all workloads do with a change and with a key."""

import pytest

from resolver.controlplane.object_store import ADDED, DELETED, MODIFIED, Change
from resolver.controlplane.resources import JOBS, PODS
from resolver.controlplane.stored_object import StoredObject
from resolver.controlplane.workloads.workload import Workload
from tests.support.workload_world import WorkloadWorld, template


class Seen(Workload):
    """Writes down what it is asked to bring about."""

    name = "seen"
    resource = JOBS

    def __init__(self, world: WorkloadWorld) -> None:
        super().__init__(world.index, world.writer, lambda: "2026-01-01T00:00:00Z")
        self.found: list[str] = []
        self.forgotten: list[str] = []

    def forget(self, uid: str) -> None:
        self.forgotten.append(uid)

    def bring_about(self, found: StoredObject) -> bool:
        self.found.append(found.key)
        return True


@pytest.fixture
def world() -> WorkloadWorld:
    world = WorkloadWorld()
    world.make(JOBS, {"metadata": {"name": "load"}, "spec": {"template": template("load", restartPolicy="Never")}})
    return world


def job(world: WorkloadWorld) -> StoredObject:
    return world.api.get(JOBS, "shop", "load")


def test_it_hears_of_its_kind_and_of_what_it_makes(world: WorkloadWorld) -> None:
    assert Seen(world).kinds == {JOBS, PODS}


def test_a_change_of_the_object_or_of_what_it_made_leads_to_its_key(world: WorkloadWorld) -> None:
    seen = Seen(world)
    pod = next(iter(world.store.all(PODS)))
    assert list(seen.keys(Change(ADDED, job(world), None), ())) == ["shop/load"]
    assert set(seen.keys(Change(MODIFIED, pod, pod), ())) == {"shop/load"}
    assert seen.forgotten == []


def test_of_an_object_that_is_gone_nothing_is_remembered(world: WorkloadWorld) -> None:
    seen = Seen(world)
    assert list(seen.keys(Change(DELETED, job(world), job(world)), ())) == ["shop/load"]
    assert seen.forgotten == [job(world).object["metadata"]["uid"]]


def test_only_what_is_there_is_brought_about(world: WorkloadWorld) -> None:
    seen = Seen(world)
    assert [seen.reconcile("shop/load"), seen.reconcile("shop/gone")] == [True, False]
    assert seen.found == ["shop/load"]
