"""Which feed fills an inventory: the Corefile's word first, then the command line's, then the environment's."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from resolver.cluster.inventory import Inventory
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.kubeapi.credentials import ApiTarget
from resolver.server.api_feed import ApiFeed
from resolver.server.embedded_feed import EmbeddedFeed
from resolver.server.feeds import Feeds
from tests.support.log_lines import LogLines

FILES = ("client.crt", "client.key", "ca.crt")


def made(location: Location, *, embedded: Any = None, kubeconfig: str = "", context: str = "") -> Any:
    request = ClusterRequest(location)
    feeds = Feeds(embedded, kubeconfig, context, LogLines().log)
    return feeds.make(request, Inventory(request.kinds(), lambda: 0.0))


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """One that says nothing."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


TARGETS: list[tuple[Location, dict[str, str], dict[str, str], ApiTarget]] = [
    (Location(endpoint="https://api"), {}, {}, ApiTarget("https://api")),
    (
        Location(endpoint="https://api", tls=FILES),
        {},
        {},
        ApiTarget("https://api", certificate="client.crt", key="client.key", authority="ca.crt"),
    ),
    (Location(kubeconfig="config", context="kind"), {}, {}, ApiTarget(kubeconfig="config", context="kind")),
    (Location(endpoint="https://api"), {"kubeconfig": "mine"}, {}, ApiTarget("https://api")),
    (Location(kubeconfig="config"), {"kubeconfig": "mine"}, {}, ApiTarget(kubeconfig="config")),
    (Location(), {"kubeconfig": "mine", "context": "kind"}, {}, ApiTarget(kubeconfig="mine", context="kind")),
    (Location(labels="a=b"), {"kubeconfig": "mine"}, {}, ApiTarget(kubeconfig="mine")),
    (Location(), {"kubeconfig": "mine"}, {"KUBECONFIG": "theirs"}, ApiTarget(kubeconfig="mine")),
    (Location(), {}, {"KUBECONFIG": "theirs"}, ApiTarget(kubeconfig="theirs")),
    (Location(), {}, {"KUBERNETES_SERVICE_HOST": "10.96.0.1"}, ApiTarget()),
]


@pytest.mark.parametrize(("location", "options", "variables", "target"), TARGETS)
def test_an_api_is_chosen(
    location: Location,
    options: dict[str, str],
    variables: dict[str, str],
    target: ApiTarget,
    environment: pytest.MonkeyPatch,
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    feed = made(location, **options)
    assert isinstance(feed, ApiFeed)
    assert feed._watcher._target == target


def test_an_embedded_cluster_is_shown_where_the_corefile_names_no_other() -> None:
    embedded = SimpleNamespace(source=SimpleNamespace(feeds=[]))
    assert isinstance(made(Location(), embedded=embedded), EmbeddedFeed)
    assert isinstance(made(Location(namespace_labels="a=b"), embedded=embedded), EmbeddedFeed)
    assert isinstance(made(Location(endpoint="https://api"), embedded=embedded), ApiFeed)
    assert isinstance(made(Location(kubeconfig="config"), embedded=embedded), ApiFeed)


def test_without_any_cluster_there_is_a_way_to_one_without() -> None:
    with pytest.raises(BadConfig) as caught:
        made(Location())
    assert str(caught.value).startswith("plugin/kubernetes: no Kubernetes API to ask: give --kubeconfig FILE")
    assert str(caught.value).endswith("; `dualdns serve --demo` needs no cluster")


def test_a_context_needs_a_kubeconfig(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    with pytest.raises(BadConfig, match="context 'kind' needs a kubeconfig"):
        made(Location(), context="kind")
