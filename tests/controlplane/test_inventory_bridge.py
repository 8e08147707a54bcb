"""The embedded cluster as the resolver sees it."""

from collections.abc import Callable
from typing import Any

import pytest

from resolver import limits
from resolver.answers.outcome import Key
from resolver.cluster.decoding import Problem
from resolver.cluster.inventory import Inventory, held
from resolver.cluster.objects import service_key
from resolver.cluster.selectors import BadSelector
from resolver.cluster.source import ClusterRequest, Location
from resolver.controlplane.inventory_bridge import InventoryBridge
from resolver.controlplane.resources import PODS, SERVICES
from tests.support.controller_world import ControllerWorld

WEB = service_key("web", "shop")


class Shown:
    """A world, and an inventory that shows it. `calls` are what is to be called soon; `touched` what has changed."""

    def __init__(self, **request: Any) -> None:
        self.world = ControllerWorld()
        self.calls: list[Callable[[], None]] = []
        self.problems: list[Problem] = []
        self.touched: list[set[Key]] = []
        self.request = ClusterRequest(request.pop("location", Location()), **request)
        self.inventory = Inventory(self.request.kinds(), lambda: 1.0)
        self.inventory.subscribe(self.touched.append)
        self.bridge = InventoryBridge(
            self.world.store, self.request, self.inventory, self.problems.append, self.calls.append
        )

    def look(self) -> None:
        """Runs what is to be called soon, until nothing is."""
        while self.calls:
            self.calls.pop(0)()


@pytest.fixture
def shown() -> Shown:
    return Shown(pods=True)


def test_everything_there_is_is_shown_at_the_start(shown: Shown) -> None:
    shown.world.service()
    shown.world.pod("a", "10.143.0.1")
    shown.world.settle()
    shown.bridge.start()
    assert shown.inventory.synced
    assert shown.inventory.services[WEB].service is not None
    assert [each.addresses for each in shown.inventory.services[WEB].slices] == [("10.143.0.1",)]
    assert b"\x04shop" in shown.inventory.namespaces
    assert held(shown.inventory.pods, "10.143.0.1")
    assert not shown.problems


def test_changes_follow_soon_and_in_one_batch_a_kind(shown: Shown) -> None:
    shown.bridge.start()
    shown.touched.clear()
    shown.world.service("one")
    shown.world.service("two", clusterIP="10.43.1.2")
    assert (len(shown.calls), shown.bridge.idle, shown.touched) == (1, False, [])
    shown.look()
    assert shown.bridge.idle
    (touched,) = shown.touched
    assert {("service", service_key("one", "shop")), ("service", service_key("two", "shop"))} <= touched
    shown.world.remove(SERVICES, "one")
    shown.look()
    assert service_key("one", "shop") not in shown.inventory.services


def test_both_families_of_a_service_change_in_one_batch(shown: Shown) -> None:
    shown.world.service(ipFamilies=["IPv4", "IPv6"])
    shown.world.settle()
    shown.bridge.start()
    shown.world.pod("a", "10.143.0.1", "fd43:143::1")
    shown.world.settle()
    shown.touched.clear()
    shown.look()
    (batch,) = [each for each in shown.touched if ("service", WEB) in each]
    assert {("address", "10.143.0.1"), ("address", "fd43:143::1")} <= batch


def test_much_that_has_happened_is_shown_in_pieces(shown: Shown) -> None:
    shown.bridge.start()
    for number in range(limits.SHOWN_AT_ONCE + 1):
        shown.world.service(f"s{number}", clusterIP="None")
    shown.calls.pop()()
    assert len(shown.inventory.services) == limits.SHOWN_AT_ONCE + 1
    assert not shown.bridge.idle
    shown.look()
    assert len(shown.inventory.services) == limits.SHOWN_AT_ONCE + 2


def test_more_than_is_kept_is_listed_anew(shown: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KEPT_CHANGES", 4)
    shown.world.service("gone")
    shown.bridge.start()
    shown.world.remove(SERVICES, "gone")
    for number in range(6):
        shown.world.service(f"s{number}", clusterIP="None")
    shown.look()
    names = {each for each in shown.inventory.services if each.endswith(b"\x04shop")}
    assert names == {service_key(f"s{number}", "shop") for number in range(6)}


@pytest.mark.parametrize(
    ("phase", "visible"), [("Running", True), ("Pending", True), ("Succeeded", False), ("Failed", False)]
)
def test_finished_pods_are_not_shown(shown: Shown, phase: str, visible: bool) -> None:
    shown.world.pod("a", "10.143.0.1")
    shown.bridge.start()
    shown.world.pod("a", "10.143.0.1", phase=phase)
    shown.look()
    assert bool(held(shown.inventory.pods, "10.143.0.1")) is visible
    shown.world.remove(PODS, "a")
    shown.look()
    assert not shown.inventory.pods


def test_label_selectors_are_heeded_also_when_labels_change() -> None:
    shown = Shown(location=Location(labels="tier=front", namespace_labels="kubernetes.io/metadata.name=shop"))
    shown.world.service("back", meta={"labels": {"tier": "back"}})
    shown.bridge.start()
    assert (shown.inventory.namespaces, shown.inventory.services) == ({b"\x04shop"}, {})
    shown.world.service("back", meta={"labels": {"tier": "front"}})
    shown.look()
    assert list(shown.inventory.services) == [service_key("back", "shop")]
    shown.world.service("back", meta={"labels": {"tier": "back"}})
    shown.look()
    assert shown.inventory.services == {}


def test_a_selector_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(BadSelector):
        Shown(location=Location(labels="=="))


def test_kinds_that_are_not_served_count_as_delivered() -> None:
    shown = Shown(multicluster=True)
    shown.bridge.start()
    assert shown.inventory.synced


def test_a_stopped_one_shows_nothing_more(shown: Shown) -> None:
    shown.bridge.start()
    shown.bridge.stop()
    shown.world.service()
    shown.look()
    assert WEB not in shown.inventory.services
