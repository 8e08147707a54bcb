from dataclasses import replace
from typing import Any

import pytest

from resolver import limits
from resolver.cluster.dns_records import PodMode, View
from resolver.cluster.inventory import Inventory
from resolver.cluster.objects import KINDS, NAMESPACES
from resolver.cluster.source import ClusterRequest, Location
from resolver.corefile.tokens import BadConfig
from resolver.plugins.kubernetes import Kubernetes, Options
from resolver.plugins.kubernetes_setup import setup
from resolver.wire.names import name_from_text
from tests.support import cluster_objects as api
from tests.support.doors import World
from tests.support.fake_host import FakeHost, directives

ZONE, REVERSE = name_from_text("cluster.local"), name_from_text("10.in-addr.arpa")
PLAIN = Options((ZONE,), ZONE)


class Clusters(dict[ClusterRequest, Inventory]):
    """Makes an inventory for each request."""

    def __missing__(self, request: ClusterRequest) -> Inventory:
        return self.setdefault(request, Inventory(request.kinds(), lambda: 0.0))


def host(*zones: str) -> FakeHost:
    found = FakeHost(*zones or ("cluster.local",))
    found.clusters = Clusters()
    return found


def built(text: str, on: FakeHost | None = None) -> tuple[Kubernetes, ClusterRequest]:
    """The plugin that this directive makes, and the cluster it asked for."""
    on = on or host()
    plugin = setup(directives(text, "kubernetes"), on)
    ((request, inventory),) = on.clusters.items()
    assert plugin.inventory is inventory
    return plugin, request


def with_option(*lines: str) -> str:
    return "kubernetes {\n" + "\n".join(lines) + "\n}"


# -- zones ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "block", "zones", "primary"),
    [
        ("kubernetes", ["cluster.local"], [ZONE], ZONE),
        ("kubernetes", ["10.in-addr.arpa", "cluster.local"], [REVERSE, ZONE], ZONE),
        ("kubernetes cluster.local", ["."], [ZONE], ZONE),
        ("kubernetes Cluster.LOCAL 10.0.0.0/8", ["."], [ZONE, REVERSE], ZONE),
        ("kubernetes", ["."], [b"\0"], b"\0"),
        (
            "kubernetes in-addr.arpa cluster.local",
            ["."],
            [name_from_text("in-addr.arpa"), ZONE],
            name_from_text("in-addr.arpa"),
        ),
    ],
)
def test_zones_are_the_arguments_or_else_the_blocks(
    text: str, block: list[str], zones: list[bytes], primary: bytes
) -> None:
    plugin, _ = built(text, host(*block))
    assert (list(plugin.options.zones), plugin.options.primary_zone) == (zones, primary)


# -- options ----------------------------------------------------------------------------------------------------------

SHAPES: list[tuple[list[str], dict[str, Any]]] = [
    ([], {}),
    (["ttl 30"], {"ttl": 30}),
    (["ttl 0 ignored"], {"ttl": 0}),
    (["ttl +5", "ttl 3600"], {"ttl": 3600}),
    (["fallthrough"], {"fall_through": frozenset((b"\0",))}),
    (["fallthrough in-addr.arpa 10.0.0.0/8"], {"fall_through": frozenset((name_from_text("in-addr.arpa"), REVERSE))}),
    (["fallthrough a.org", "fallthrough b.org"], {"fall_through": frozenset((name_from_text("b.org"),))}),
    (["pods disabled"], {}),
    (["pods insecure"], {"view": View(pods=PodMode.INSECURE)}),
    (["pods verified"], {"view": View(pods=PodMode.VERIFIED)}),
    (["endpoint_pod_names"], {"view": View(endpoint_pod_names=True)}),
    (["noendpoints"], {"view": View(endpoints=False)}),
    (["zonal"], {"view": View(zonal=True)}),
    (["ignore empty_service more"], {"view": View(ignore_empty_service=True)}),
    (["ignore"], {}),
    (["namespaces a b", "namespaces c"], {"view": View(namespaces=frozenset((b"\1a", b"\1b", b"\1c")))}),
    (["multicluster cluster.local"], {"multicluster_zones": (ZONE,)}),
    (["multicluster"], {}),
    (["apiserver_qps 1.5", "apiserver_burst 3", "apiserver_max_inflight 0"], {}),
    (["startup_timeout 1m more"], {}),
]


@pytest.mark.parametrize(
    ("lines", "changes"), SHAPES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_options_shape_answers(lines: list[str], changes: dict[str, Any]) -> None:
    assert built(with_option(*lines))[0].options == replace(PLAIN, **changes)


REQUESTS: list[tuple[list[str], ClusterRequest]] = [
    ([], ClusterRequest(Location())),
    (["endpoint http://a"], ClusterRequest(Location("http://a"))),
    (["tls c k a"], ClusterRequest(Location(tls=("c", "k", "a")))),
    (["kubeconfig f"], ClusterRequest(Location(kubeconfig="f"))),
    (["kubeconfig f context"], ClusterRequest(Location(kubeconfig="f", context="context"))),
    (["labels a=b, c in (d, e)"], ClusterRequest(Location(labels="a=b, c in (d, e)"))),
    (["namespace_labels istio"], ClusterRequest(Location(namespace_labels="istio"))),
    (["pods verified"], ClusterRequest(Location(), pods=True)),
    (["pods insecure"], ClusterRequest(Location())),
    (["noendpoints"], ClusterRequest(Location(), endpoints=False)),
    (["multicluster cluster.local"], ClusterRequest(Location(), multicluster=True)),
    (["endpoint_pod_names"], ClusterRequest(Location(), targets=True)),
    (["zonal"], ClusterRequest(Location(), zones=True)),
]


@pytest.mark.parametrize(
    ("lines", "request_"), REQUESTS, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_options_say_which_cluster_is_asked_for_and_what_of_it(lines: list[str], request_: ClusterRequest) -> None:
    assert built(with_option(*lines))[1] == request_


def test_of_several_endpoints_the_first_is_taken_and_a_warning_says_so() -> None:
    on = host()
    _, request = built(with_option("endpoint http://a http://b"), on)
    assert request.location.endpoint == "http://a"
    assert on.lines == [
        "[WARNING] plugin/kubernetes: Multiple endpoints have been deprecated, "
        "only the first specified endpoint 'http://a' is used"
    ]


@pytest.mark.parametrize("name", ["x" * 64, '""'])
def test_a_namespace_there_cannot_be_is_still_a_choice(name: str) -> None:
    plugin, _ = built(with_option(f"namespaces {name}"))
    world = World([api.namespace("shop")], view=plugin.options.view)
    assert plugin.options.view.namespaces
    assert not world.plugin.records.exposed(b"\4shop")


COUNT = "Wrong argument count or unexpected line ending after"
REFUSED = [
    ("kubernetes 10.0.0.0/8", 2, "non-reverse zone name must be used"),
    ("kubernetes a..b", 2, "non-reverse zone name must be used"),
    ("kubernetes\nkubernetes", 3, "this plugin can only be used once per Server Block"),
    (with_option("ttl"), 3, f"{COUNT} 'ttl'"),
    (with_option("ttl x"), 3, 'strconv.Atoi: parsing "x": invalid syntax'),
    (with_option("ttl 0x10"), 3, 'strconv.Atoi: parsing "0x10": invalid syntax'),
    (with_option("ttl -1"), 3, "ttl must be in range [0, 3600]: -1"),
    (with_option("ttl 3601"), 3, "ttl must be in range [0, 3600]: 3601"),
    (with_option("pods"), 3, f"{COUNT} 'pods'"),
    (with_option("pods verified insecure"), 3, f"{COUNT} 'insecure'"),
    (with_option("pods x"), 3, "wrong value for pods: x,  must be one of: disabled, verified, insecure"),
    (with_option("endpoint"), 3, f"{COUNT} 'endpoint'"),
    (with_option("tls a b"), 3, f"{COUNT} 'b'"),
    (with_option("tls a b c d"), 3, f"{COUNT} 'd'"),
    (with_option("kubeconfig"), 3, f"{COUNT} 'kubeconfig'"),
    (with_option("kubeconfig a b c"), 3, f"{COUNT} 'c'"),
    (with_option("namespaces"), 3, f"{COUNT} 'namespaces'"),
    (with_option("labels"), 3, f"{COUNT} 'labels'"),
    (with_option("labels a=b=c"), 3, "unable to parse label selector value: 'a=b=c': cannot read"),
    (with_option("labels a!=b"), 3, "unable to parse label selector value: 'a!=b': \"!=\" is not a valid label"),
    (with_option("labels a=b,"), 3, "unable to parse label selector value: 'a=b,': cannot read"),
    (with_option("namespace_labels"), 3, f"{COUNT} 'namespace_labels'"),
    (
        with_option("namespace_labels a in b"),
        3,
        "unable to parse namespace_label selector value: 'a in b': cannot read",
    ),
    (with_option("namespaces a", "namespace_labels b"), 2, "namespaces and namespace_labels cannot both be set"),
    (with_option("noendpoints x"), 3, f"{COUNT} 'x'"),
    (with_option("endpoint_pod_names x"), 3, f"{COUNT} 'x'"),
    (with_option("zonal x"), 3, f"{COUNT} 'x'"),
    (with_option("noendpoints", "zonal"), 2, "zonal requires the endpoint cache; remove noendpoints"),
    (with_option("ignore x"), 3, "unable to parse ignore value: 'x'"),
    (
        with_option("multicluster set.local"),
        2,
        "is not authoritative for the multicluster zone set.local. (authoritative zones: [cluster.local.])",
    ),
    (with_option("startup_timeout"), 3, f"{COUNT} 'startup_timeout'"),
    (with_option("startup_timeout 5"), 3, 'failed to parse startup_timeout: 5, time: missing unit in duration "5"'),
    (with_option("apiserver_qps"), 3, f"{COUNT} 'apiserver_qps'"),
    (with_option("apiserver_qps -1"), 3, "apiserver_qps must be >= 0"),
    (with_option("apiserver_qps x"), 3, 'invalid apiserver_qps "x": strconv.ParseFloat: parsing "x": invalid syntax'),
    (with_option("apiserver_burst -1"), 3, "apiserver_burst must be >= 0"),
    (
        with_option("apiserver_burst 1.5"),
        3,
        'invalid apiserver_burst "1.5": strconv.Atoi: parsing "1.5": invalid syntax',
    ),
    (with_option("apiserver_max_inflight -1"), 3, "apiserver_max_inflight must be >= 0"),
    (with_option("upstream"), 3, "unknown property 'upstream' (known: "),
    (with_option("resyncperiod 5m"), 3, "unknown property 'resyncperiod' (known: "),
    (with_option("TTL 5"), 3, "unknown property 'TTL' (known: "),
    (with_option("noendpoint"), 3, "did you mean 'noendpoints'?"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED, ids=[row[2][:60] for row in REFUSED])
def test_what_cannot_be_used_is_refused_by_line_and_word(text: str, line: int, message: str) -> None:
    with pytest.raises(BadConfig) as refusal:
        built(text)
    assert str(refusal.value).startswith(f"Corefile:{line} - Error during parsing: ")
    assert message in str(refusal.value)


# -- start and end ----------------------------------------------------------------------------------------------------

WAITING = "[INFO] plugin/kubernetes: waiting for Kubernetes API before starting server"
UNSYNCED = "[WARNING] plugin/kubernetes: starting server with unsynced Kubernetes API"


async def test_the_start_does_not_wait_where_the_cluster_is_known() -> None:
    on = host()
    plugin, _ = built("kubernetes", on)
    for kind in KINDS.values():
        plugin.inventory.replace(kind, [])
    await on.start()
    assert (on.slept, on.lines) == ([], [])


async def test_the_start_waits_until_the_cluster_is_known() -> None:
    on = host()
    plugin, _ = built("kubernetes", on)
    kinds = iter(KINDS.values())

    async def sleep(seconds: float) -> None:
        on.advance(seconds)
        plugin.inventory.replace(next(kinds), [])

    on.sleep = sleep  # type: ignore[method-assign]
    await on.start()
    assert plugin.ready()
    assert on.lines == []


@pytest.mark.parametrize(
    ("lines", "seconds", "said"),
    [
        ([], 5.0, 9),
        (["startup_timeout 2s"], 2.0, 3),
        (["startup_timeout 0"], 0.0, 0),
        (["startup_timeout -1s"], 0.0, 0),
    ],
)
async def test_the_start_waits_so_long_and_says_so(lines: list[str], seconds: float, said: int) -> None:
    on = host()
    built(with_option(*lines), on)
    await on.start()
    assert on.elapsed == pytest.approx(seconds, abs=2 * limits.SYNC_POLL)
    assert on.lines == [WAITING] * said + [UNSYNCED]


async def test_changes_of_the_cluster_forget_replies_until_the_block_ends() -> None:
    on = host()
    plugin, _ = built("kubernetes", on)
    world = World()
    plugin.inventory.apply(NAMESPACES, [("ADDED", world.read(api.namespace("shop")))])
    assert on.forgotten == [("namespace", b"\4shop")]
    await on.stop()
    plugin.inventory.apply(NAMESPACES, [("DELETED", world.read(api.namespace("shop")))])
    assert on.forgotten == [("namespace", b"\4shop")]


@pytest.mark.parametrize(("bound", "local"), [((), ["192.0.2.2", "fd00::2"]), (("192.0.2.2",), [])])
def test_a_bound_block_knows_no_addresses_of_its_own(bound: tuple[str, ...], local: list[str]) -> None:
    on = host()
    on.machine = [("lo", "127.0.0.1"), ("eth0", "192.0.2.2"), ("eth0", "fd00::2")]
    plugin, _ = built("kubernetes", on)
    on.bound_addresses = bound
    assert list(plugin.local_addresses()) == local


def test_the_block_answers_the_plugins_questions_to_itself() -> None:
    on = host()
    plugin, _ = built("kubernetes", on)
    assert plugin._ask == on.ask
