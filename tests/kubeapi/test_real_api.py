"""The watcher against a real kube-apiserver, where there is one (KUBEBUILDER_ASSETS or PATH)."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from resolver.cluster.decoding import Decoder
from resolver.cluster.objects import ENDPOINT_SLICES, NAMESPACES, PODS, SERVICES, Namespace, service_key
from resolver.kubeapi.credentials import ApiTarget
from resolver.kubeapi.watched import LIVE_PODS, WatchedKind
from resolver.kubeapi.watcher import ClusterWatcher
from tests.support.real_api import RealApi, changed_until, missing_program
from tests.support.watch_lab import RecordingSink

pytestmark = pytest.mark.skipif(bool(missing_program()), reason=missing_program() or "never")

SERVICES_PATH = "/api/v1/namespaces/default/services"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealApi]:
    made = RealApi(tmp_path_factory.mktemp("api"))
    made.prepare()
    made.start()
    yield made
    made.stop()


class Watching:
    """A watcher of a real API with what it said and brought."""

    def __init__(self, api: RealApi) -> None:
        self.changed = asyncio.Event()
        self.sink = RecordingSink(self.changed)
        self.logged: list[tuple[str, str]] = []
        kinds = [WatchedKind(NAMESPACES), WatchedKind(SERVICES), WatchedKind(ENDPOINT_SLICES)]
        self.watcher = ClusterWatcher(
            ApiTarget(kubeconfig=str(api.kubeconfig)),
            [*kinds, WatchedKind(PODS, "", LIVE_PODS)],
            self.sink,
            Decoder(lambda problem: None),
            self._log,
        )

    def _log(self, level: str, text: str) -> None:
        self.logged.append((level, text))
        self.changed.set()

    async def until(self, condition: Any) -> None:
        await changed_until(self.changed, condition)

    def default_namespace(self) -> bool:
        """A new API server makes it soon after it began to answer."""
        return Namespace(b"\x07default") in self.sink.objects["Namespace"].values()

    def has(self, name: str) -> bool:
        return service_key(name, "default") in self.sink.objects["Service"]


@asynccontextmanager
async def watching(api: RealApi) -> AsyncIterator[Watching]:
    made = Watching(api)
    await made.watcher.start()
    try:
        await made.until(lambda: made.watcher.synced and made.default_namespace())
        yield made
    finally:
        await made.watcher.stop()


def service(name: str) -> dict[str, Any]:
    spec = {"ports": [{"port": 80}], "ipFamilyPolicy": "PreferDualStack"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": spec}


async def test_lists_are_streamed_and_changes_follow(api: RealApi) -> None:
    async with watching(api) as here:
        assert await api.request("POST", SERVICES_PATH, service("web")) == 201
        await here.until(lambda: here.has("web"))
        assert await api.request("DELETE", f"{SERVICES_PATH}/web") == 200
        await here.until(lambda: not here.has("web"))
        assert (here.watcher.relists, here.watcher.reconnects, here.watcher.repaired) == (0, 0, 0)


async def test_a_killed_server_changes_nothing_and_is_followed_again(api: RealApi) -> None:
    async with watching(api) as here:
        assert await api.request("POST", SERVICES_PATH, service("kept")) == 201
        await here.until(lambda: here.has("kept"))
        api.kill()
        await here.until(lambda: any("Failed to watch" in text for _, text in here.logged))
        assert here.has("kept")
        api.start()
        await here.until(lambda: any("answers again" in text for _, text in here.logged))
        assert [level for level, text in here.logged if "Failed to watch" in text] == ["ERROR"]
        assert await api.request("DELETE", f"{SERVICES_PATH}/kept") == 200
        await here.until(lambda: not here.has("kept"))


async def test_a_refused_token_is_replaced_by_that_of_the_file(api: RealApi) -> None:
    api.write_kubeconfig("wrong")
    here = Watching(api)
    await here.watcher.start()
    await here.until(lambda: any("HTTP 401" in text for _, text in here.logged))
    api.write_kubeconfig("admintoken")
    await here.until(lambda: here.watcher.synced)
    await here.watcher.stop()
