"""{CoreDNS, dualdns} × {kube-apiserver, embedded API}: the same manifests give the same names and answers.

Whatever of the four is here is used: CoreDNS on PATH or as COREDNS; kube-apiserver and etcd in KUBEBUILDER_ASSETS or
PATH, with kube-controller-manager where it is there too. What CoreDNS on kube-apiserver said is kept beside this file
and compared always; MATRIX_RECORD=1 writes it anew. MATRIX_SEEDS says how many random clusters are tried.
"""

import json
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.support.answer_text import ask, comparable
from tests.support.matrix_clusters import Cluster, Roles, endpoints_form, follow, service_form, until
from tests.support.matrix_corners import BLOCK, MISSING, Corner, Matrix, dualdns, embedded_cluster
from tests.support.matrix_requests import COLLECTIONS, Author, Request, Scenario
from tests.support.matrix_scenarios import RandomScenario, handmade
from tests.support.real_api import RealApi, missing_program

RECORDED = Path(__file__).parent / "matrix"
V4, V6 = "10.96.0.0/16", "fd00:10:96::/112"
SEEDS = range(int(os.environ.get("MATRIX_SEEDS", "4")))
ORDERS = (f"{V4},{V6}", f"{V6},{V4}", V4, V6)
SCENARIOS = [
    *((ranges, "handmade") for ranges in ORDERS),
    *((ORDERS[seed % len(ORDERS)], f"random-{seed}") for seed in SEEDS),
]
KEPT = ("handmade", "random-0")
FENCE, FENCE_PLACE = "fence", "198.51.100.{}"


def scenario_of(name: str) -> Scenario:
    return handmade() if name == "handmade" else RandomScenario(int(name.rpartition("-")[2])).scenario


# -- the corners


@pytest.fixture(scope="module")
def ranges(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, RealApi | None]]:
    """The ranges of the clusters, and a kube-apiserver that has them where there is one."""
    if missing_program():
        yield request.param, None
        return
    api = RealApi(tmp_path_factory.mktemp("api"), request.param)
    api.prepare()
    api.start()
    try:
        yield request.param, api
    finally:
        api.stop()


# -- one step of a scenario


async def play(matrix: Matrix, namespace: str, requests: list[Request]) -> list[int]:
    """Sends the same requests to all clusters. Returns how they were answered, by all alike."""
    statuses = [[await cluster.do(each) for cluster in matrix.clusters] for each in requests]
    different = [(each, status) for each, status in zip(requests, statuses, strict=True) if len(set(status)) > 1]
    assert different == []
    if len(matrix.clusters) == 2:
        leader, real = matrix.clusters
        await follow(leader, real, namespace, controlled=matrix.controlled)
    return [each[0] for each in statuses]


async def settled(matrix: Matrix, namespace: str, step: int) -> None:
    """Returns once all servers have seen what was done to their cluster: a new name is answered, made last of all."""
    author, place = Author(namespace), FENCE_PLACE.format(step + 1)
    name = f"{FENCE}-{step}"
    for cluster in matrix.clusters:
        made = [
            author.service(name, clusterIP="None", selector=None),
            author.slice(name, name, "IPv4", {"addresses": [place], "conditions": {"ready": True}}),
        ]
        assert [await cluster.do(each) for each in made] == [201, 201]
    question = f"{name}.{namespace}.svc.cluster.local. A"

    async def seen(port: int) -> bool:
        return any(line.endswith(f" A {place}") for line in (await ask(question, "127.0.0.1", port)).get("answer", ()))

    for corner in matrix.corners:
        await until(lambda port=corner.port: seen(port))  # type: ignore[misc]


async def roles_of(cluster: Cluster, namespace: str) -> tuple[Roles, list[dict[str, Any]]]:
    services = await cluster.objects("Service", namespace)
    return Roles(services), services


def questions(scenario: Scenario, roles: Roles, slices: list[dict[str, Any]]) -> list[str]:
    """About all there is and has been, with roles for what was picked."""
    asked = []
    domain = f"{scenario.namespace}.svc.cluster.local."
    for name in scenario.names:
        asked += [f"{name}.{domain} {kind}" for kind in ("A", "AAAA", "SRV", "TXT", "CNAME")]
        asked += [f"_{port}.{name}.{domain} SRV" for port in ("http._tcp", "dns._udp", "other._tcp")]
    named = sorted({each["metadata"]["labels"].get("kubernetes.io/service-name", "") for each in slices})
    asked += [f"{host}.{name}.{domain} {kind}" for host in scenario.hosts for name in named for kind in ("A", "AAAA")]
    asked += [f"{role[:-1]} reverse> PTR" for role in sorted(roles.picked.values())]
    made = [each for each in slices if not each["metadata"]["name"].startswith(FENCE)]
    held = {address for each in made for endpoint in each["endpoints"] or () for address in endpoint["addresses"]}
    pinned = {f"10.96.0.{number}" for number in (1, 10, 77, 78, 79)} | {"fd00:10:96::77", "fd00:10:96::1"}
    reverse = sorted(ip_address(each).reverse_pointer for each in held | pinned)
    asked += [f"{each}. PTR" for each in reverse]
    asked += [f"{domain} {kind}" for kind in ("A", "NS", "SOA")]
    return [*asked, "svc.cluster.local. A", f"{scenario.names[0]}.elsewhere.svc.cluster.local. AAAA"]


async def answers(corner: Corner, asked: list[str], roles: Roles) -> dict[str, Any]:
    found = {}
    for question in asked:
        reply = await ask(roles.shown(question), "127.0.0.1", corner.port)
        reply["question"] = [question.split(" ")[0]] if reply.get("question") else None
        found[question] = roles.hidden(comparable({**reply, "q": roles.shown(question)}, cached=False))
        found[question].pop("q")
    return found


def differences(expected: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Key to (expected, found) where they differ."""
    keys = expected.keys() | found.keys()
    return {key: (expected.get(key), found.get(key)) for key in sorted(keys) if expected.get(key) != found.get(key)}


def assert_same(what: str, expected: dict[str, Any], found: dict[str, Any]) -> None:
    if different := differences(expected, found):
        pytest.fail(f"{what}: expected and found are\n{json.dumps(different, indent=1)}", pytrace=False)


async def compared(matrix: Matrix, scenario: Scenario) -> dict[str, Any]:
    """Fails unless all clusters hold the same and all corners answer the same. Returns the answers."""
    forms, views = [], []
    for cluster in matrix.clusters:
        roles, services = await roles_of(cluster, scenario.namespace)
        slices = await cluster.objects("EndpointSlice", scenario.namespace)
        specs = {each["metadata"]["name"]: service_form(each, roles) for each in services}
        forms.append((specs, endpoints_form(slices), questions(scenario, roles, slices)))
        views.append(roles)
    for specs, endpoints, asked in forms[1:]:
        assert_same("Services", specs, forms[0][0])
        assert_same("endpoints", endpoints, forms[0][1])
        assert asked == forms[0][2]
    asked = forms[0][2]
    given = {
        corner.name: await answers(corner, asked, views[matrix.clusters.index(corner.cluster)])
        for corner in matrix.corners
    }
    reference = list(given)[-1]  # CoreDNS on kube-apiserver where both are here
    for name, each in given.items():
        assert_same(f"{reference} and {name}", given[reference], each)
    return given[reference]


@pytest.mark.parametrize("program", MISSING)
def test_a_corner_of_the_matrix_is_here(program: str) -> None:
    if reason := MISSING[program]:
        pytest.skip(reason)


@pytest.mark.parametrize(("ranges", "name"), SCENARIOS, indirect=["ranges"])
async def test_all_corners_that_are_here_agree(ranges: tuple[str, RealApi | None], name: str, tmp_path: Path) -> None:
    scenario, kept = scenario_of(name), []
    async with Matrix(tmp_path) as matrix:
        await matrix.begin(*ranges)
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": scenario.namespace}}
        for cluster in matrix.clusters:
            assert await cluster.do(Request("POST", "/api/v1/namespaces", namespace)) == 201
        try:
            for number, requests in enumerate(scenario.steps):
                statuses = await play(matrix, scenario.namespace, requests)
                await settled(matrix, scenario.namespace, number)
                found = await compared(matrix, scenario)
                kept.append({"requests": requests, "statuses": statuses, "answers": found})
        finally:
            for cluster in matrix.clusters:
                await cluster.clear(scenario.namespace)
        if os.environ.get("MATRIX_RECORD") and name in KEPT and ranges[0] == ORDERS[0]:
            assert not any(MISSING.values()), "recorded is what CoreDNS says on kube-apiserver"
            record(name, scenario, kept)


# -- what is kept


SAID = ("rcode", "aa", "answer", "authority", "additional")
SOA = ["cluster.local. 5 SOA ns.dns.cluster.local. hostmaster.cluster.local. SERIAL 7200 1800 86400 5"]


def negative(rcode: str) -> dict[str, Any]:
    return {"rcode": rcode, "aa": True, "authority": SOA}


def said(answers: dict[str, Any]) -> dict[str, Any]:
    """What is kept of each reply."""
    return {q: {member: reply[member] for member in SAID if reply.get(member)} for q, reply in answers.items()}


def record(name: str, scenario: Scenario, steps: list[dict[str, Any]]) -> None:
    """One line a request and one an answer; questions with the same negative answer share one."""
    RECORDED.mkdir(exist_ok=True)
    lines: list[dict[str, Any]] = [{"namespace": scenario.namespace}]
    for number, step in enumerate(steps):
        lines += [
            {"step": number, "request": request, "status": status}
            for request, status in zip(step["requests"], step["statuses"], strict=True)
        ]
        left = said(step["answers"])
        for rcode in ("NOERROR", "NXDOMAIN"):
            alike = [question for question, reply in left.items() if reply == negative(rcode)]
            lines.append({"step": number, "negative": rcode, "questions": alike})
            left = {question: reply for question, reply in left.items() if question not in alike}
        lines += [{"step": number, "q": question, **reply} for question, reply in left.items()]
    (RECORDED / f"{name}.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def recorded_step(lines: list[dict[str, Any]], step: int) -> tuple[list[Request], list[int], dict[str, Any]]:
    """Requests, how they were answered, and what the names answered after them."""
    here = [line for line in lines if line["step"] == step]
    requests = [line for line in here if "request" in line]
    replies = {q: negative(line["negative"]) for line in here if "negative" in line for q in line["questions"]}
    for line in here:
        if "q" in line:
            replies[line["q"]] = {member: line[member] for member in SAID if member in line}
    return [Request(*each["request"]) for each in requests], [each["status"] for each in requests], replies


@pytest.mark.parametrize("name", KEPT)
async def test_the_embedded_cluster_answers_as_coredns_did_on_kube_apiserver(name: str) -> None:
    head, *lines = [json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text().splitlines()]
    namespace = head["namespace"]
    async with AsyncExitStack() as stack:
        embedded = await stack.enter_async_context(embedded_cluster(ORDERS[0]))
        port = await stack.enter_async_context(dualdns(embedded, f".:0 {{\n {BLOCK}\n}}\n"))
        cluster = await stack.enter_async_context(Cluster("embedded", embedded.server.url, ""))
        value = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        assert await cluster.do(Request("POST", "/api/v1/namespaces", value)) == 201
        for step in range(lines[-1]["step"] + 1):
            requests, statuses, expected = recorded_step(lines, step)
            assert [await cluster.do(each) for each in requests] == statuses
            await embedded.settled()
            roles, _ = await roles_of(cluster, namespace)
            given = await answers(Corner("dualdns", cluster, port), list(expected), roles)
            assert_same("recorded and found", expected, said(given))


def test_equal_seeds_give_equal_scenarios() -> None:
    assert RandomScenario(3).scenario == RandomScenario(3).scenario
    assert COLLECTIONS.keys() >= {request.body["kind"] for request in handmade().steps[0] if request.body}
