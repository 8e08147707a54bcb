"""Playing: steps in their order, again where they repeat, and nothing left at the end."""

import asyncio

import pytest

from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.faults.fault import Fault
from resolver.faults.fault_list import FaultList
from resolver.scenarios.playing import Playing
from resolver.scenarios.scenario import Scaling, Scenario, Step

MANIFEST = """apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""
WORKLOAD = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: shop}
spec:
  serviceName: db
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}, spec: {containers: [{name: main, image: "example.com/db:1"}]}}
"""


def made(*steps: Step, repeat: bool = False) -> Scenario:
    return Scenario("a", "b", "c", "d", (), MANIFEST, (("db.shop", "drop"),), steps, repeat)


STEPS = (
    Step(0.0, "first", apply=WORKLOAD),
    Step(0.0, "second", clear=True, scale=(Scaling("StatefulSet", "db", "shop", 2),), faults=(("*.shop", "servfail"),)),
)


async def test_steps_are_taken_in_order() -> None:
    faults, said = FaultList(), []
    by_hand = faults.add(Fault.make("x.y", drop=True))
    async with EmbeddedCluster(domain="corp.test") as cluster:
        playing = Playing(made(*STEPS), cluster, faults, said.append)
        await playing.prepare()
        assert faults.faults == (by_hand,)
        playing.begin()
        assert faults.faults[1].describe() == "db.shop drop zone corp.test"
        await playing.go_on()
        assert said == ["first", "second"]
        assert len(await cluster.list("pods", namespace="shop")) == 2
        assert [fault.describe() for fault in faults.faults[1:]] == ["*.shop rcode SERVFAIL zone corp.test"]
        playing.end()
        assert faults.faults == (by_hand,)


async def test_steps_that_repeat_go_on() -> None:
    said, thrice = [], asyncio.Event()

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 6:
            thrice.set()

    async with EmbeddedCluster() as cluster:
        playing = Playing(made(*STEPS, repeat=True), cluster, FaultList(), say)
        await playing.prepare()
        task = asyncio.ensure_future(playing.go_on())
        await asyncio.wait_for(thrice.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert said[:4] == ["first", "second"] * 2


async def test_without_steps_there_is_nothing_to_go_on_with() -> None:
    async with EmbeddedCluster() as cluster:
        await asyncio.wait_for(Playing(made(repeat=True), cluster, FaultList(), print).go_on(), 5)
