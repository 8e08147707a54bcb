"""An embedded cluster on an event loop."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from resolver.controlplane.controllers.endpoint_slices import EndpointSlices
from resolver.controlplane.embedded_cluster import EmbeddedCluster
from resolver.controlplane.state_file import BadState, StateFile


def service(name: str) -> dict[str, Any]:
    spec = {"selector": {"app": "web"}, "ports": [{"port": 80}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


async def test_others_on_the_loop_get_their_turn_while_there_is_much_to_do() -> None:
    async with EmbeddedCluster() as cluster:
        await cluster.apply([service(f"s{number}") for number in range(100)])
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(count())
        await cluster.settled()
        counting.cancel()
        assert turns > 10


async def test_a_bug_in_one_controller_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    failures: list[BaseException] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, told: failures.append(told["exception"]))

    def broken(self: EndpointSlices, key: str) -> bool:
        raise ZeroDivisionError(key)

    async with EmbeddedCluster() as cluster:
        monkeypatch.setattr(EndpointSlices, "reconcile", broken)
        await cluster.apply(service("web"))
        await cluster.settled()
        assert await cluster.get("endpoints", "web")
    assert [str(each) for each in failures] == ["default/web"]


async def test_what_controllers_are_refused_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with EmbeddedCluster(simulate=False) as cluster:
        await cluster.apply({**service("web"), "spec": {**service("web")["spec"], "publishNotReadyAddresses": True}})
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "a", "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "main", "image": "x"}]},
            "status": {"phase": "Running", "podIP": "10.0.0.1", "podIPs": [{"ip": "10.0.0.1"}]},
        }
        with caplog.at_level(logging.WARNING, "dualdns.cluster"):
            await cluster.apply(pod)
            await cluster.settled()
    assert any("endpoints: default/web: Endpoints" in each.message for each in caplog.records)


async def test_a_state_that_cannot_be_used_leaves_nothing_open(tmp_path: Path) -> None:
    state = tmp_path / "cluster.db"
    first = StateFile(state)
    with pytest.raises(BadState):
        await EmbeddedCluster(state=state).start()
    first.close()
    async with EmbeddedCluster(state=state) as cluster:
        assert cluster.ready
    assert not cluster.ready
