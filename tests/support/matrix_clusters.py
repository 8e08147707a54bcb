"""The two clusters of the matrix: the embedded one leads, a real kube-apiserver follows where there is one.

No kubelet runs for the real one: its Pods are given the nodes, addresses and conditions the embedded cluster simulates.
Without kube-controller-manager it is given the embedded cluster's EndpointSlices too.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Final

import aiohttp

from tests.support.matrix_requests import COLLECTIONS, Request

JsonObject = dict[str, Any]
Key = tuple[str, ...]

PATIENCE: Final = 30.0  # seconds; only a failure takes as long
LOOK: Final = 0.05  # seconds between two looks at what controllers do
NODES: Final = "/api/v1/nodes"
_ALONE: Final = "alone"
_PICKED: Final = (("10.96.0.255", "10.97.0.0"), ("fd00:10:96::100", "fd00:10:96::1:0"))
"""What lies in between are addresses a server has picked: above the static band."""


class Cluster:
    """A Kubernetes API and what is seen of one namespace there. `kubeconfig`: a file with one context."""

    def __init__(self, name: str, url: str, kubeconfig: str, token: str = "") -> None:
        self.name = name
        self.kubeconfig = kubeconfig
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Cluster":
        self._session = aiohttp.ClientSession(headers=self._headers)
        return self

    async def __aexit__(self, *error: object) -> None:
        assert self._session is not None
        await self._session.close()

    async def ask(self, method: str, path: str, body: Any = None) -> tuple[int, JsonObject]:
        """A PATCH is a merge patch."""
        assert self._session is not None
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = None if body is None else json.dumps(body)
        request = self._session.request(
            method, self._url + path, data=data, ssl=False, headers={"Content-Type": kind, "Accept": "application/json"}
        )
        async with request as response:
            found = await response.read()
            return response.status, json.loads(found) if found.startswith(b"{") else {}

    async def do(self, request: Request) -> int:
        """Its HTTP status."""
        return (await self.ask(*request))[0]

    async def until_ready(self) -> None:
        async def ready() -> bool:
            with suppress(aiohttp.ClientError):
                return (await self.ask("GET", "/readyz"))[0] == 200
            return False

        await until(ready)

    async def objects(self, kind: str, namespace: str) -> list[JsonObject]:
        status, found = await self.ask("GET", COLLECTIONS[kind].format(namespace))
        assert status == 200, found
        return found["items"] or []

    async def clear(self, namespace: str) -> None:
        """Takes away all there is, and what controllers make meanwhile."""

        async def empty() -> bool:
            found = [
                (kind, each["metadata"]["name"]) for kind in COLLECTIONS for each in await self.objects(kind, namespace)
            ]
            for kind, name in found:
                path = f"{COLLECTIONS[kind].format(namespace)}/{name}"
                await self.ask("DELETE", path, {"gracePeriodSeconds": 0, "propagationPolicy": "Background"})
            return not found

        await until(empty)


async def until(condition: Callable[[], Any]) -> None:
    """Looks again and again. Raises TimeoutError."""
    never = asyncio.Event()
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            with suppress(TimeoutError):
                await asyncio.wait_for(never.wait(), LOOK)


class Roles:
    """Stands for picked addresses: ``<web 4>`` is the IPv4 address the Service web has in this cluster now."""

    def __init__(self, services: list[JsonObject]) -> None:
        self.picked = {
            address: f"<{each['metadata']['name']} {ip_address(address).version}>"
            for each in services
            for address in each["spec"].get("clusterIPs", ())
            if _is_picked(address)
        }
        forms = dict(pair for address, role in self.picked.items() for pair in _forms(address, role))
        self._roles = {form.lower(): role for form, role in forms.items()}
        words = "|".join(sorted(map(re.escape, forms), key=len, reverse=True))
        self._found = re.compile(rf"(?<![\w.:-])(?:{words})(?![\w:-])", re.IGNORECASE) if forms else None
        self._forms = {role: form for form, role in forms.items()}

    def hidden(self, value: Any) -> Any:
        """A JSON value, or text, with roles for addresses; lists of text in order again."""
        if isinstance(value, str):
            found = self._found
            return found.sub(lambda match: self._roles[match[0].lower()], value) if found else value
        if isinstance(value, list):
            hidden = [self.hidden(each) for each in value]
            return sorted(hidden) if all(isinstance(each, str) for each in hidden) else hidden
        return {key: self.hidden(each) for key, each in value.items()} if isinstance(value, dict) else value

    def shown(self, text: str) -> str:
        """The other way round."""
        return re.sub(r"<[^>]+>", lambda match: self._forms[match[0]], text)


def _is_picked(address: str) -> bool:
    if address == "None":
        return False
    parsed = ip_address(address)
    first, last = (ip_address(each) for each in _PICKED[parsed.version == 6])
    return int(first) <= int(parsed) < int(last)


def _forms(address: str, role: str) -> Iterator[tuple[str, str]]:
    dashed = address.replace(".", "-").replace(":", "-")
    yield from ((address, role), (dashed, f"{role[:-1]} dashed>"))
    yield ip_address(address).reverse_pointer + ".", f"{role[:-1]} reverse>"


# -- what is to be equal


def service_form(service: JsonObject, roles: Roles) -> JsonObject:
    """A Service's spec without what a server picks."""
    spec = json.loads(json.dumps(service["spec"]))
    for port in spec.get("ports", ()):
        if "nodePort" in port:
            port["nodePort"] = 0
    addresses = [roles.hidden(each) for each in spec.pop("clusterIPs", ())]
    return {**roles.hidden(spec), "clusterIPs": addresses, "ipFamilies": spec.get("ipFamilies")}


def endpoints_form(slices: list[JsonObject]) -> JsonObject:
    """By Service, family and ports: endpoints with their conditions and names, whatever slices they are in.

    An empty slice counts where it is the only one of the family: whether one is left over beside others, because there
    was a moment without Pods, is a matter of time in a real cluster.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for each in slices:
        of = each["metadata"]["labels"].get("kubernetes.io/service-name", "")
        ports = " ".join(sorted(json.dumps(port, sort_keys=True) for port in each.get("ports") or ()))
        held = found.setdefault(f"{of} {each['addressType']}", {}).setdefault(ports, [])
        for endpoint in each["endpoints"] or ():
            shown = {key: endpoint.get(key) for key in ("addresses", "conditions", "hostname")}
            held.append(json.dumps(shown, sort_keys=True))
    for groups in found.values():
        if any(groups.values()):
            for ports in [ports for ports, held in groups.items() if not held]:
                del groups[ports]
    return {f"{key} {ports}": sorted(held) for key, groups in found.items() for ports, held in groups.items()}


# -- the follower


async def follow(leader: Cluster, real: Cluster, namespace: str, *, controlled: bool) -> None:
    """Returns once both have the same endpoints. `controlled`: the real one's controllers make them."""
    if not controlled:
        await _copy_slices(leader, real, namespace)
        return

    async def same() -> bool:
        await _play_kubelet(leader, real, namespace)
        wanted, found = [endpoints_form(await each.objects("EndpointSlice", namespace)) for each in (leader, real)]
        return wanted == found

    try:
        await until(same)
    except TimeoutError:  # the comparison that follows tells what is different
        return


async def copy_nodes(leader: Cluster, real: Cluster) -> None:
    for each in (await leader.ask("GET", NODES))[1]["items"]:
        metadata = {"name": each["metadata"]["name"], "labels": each["metadata"].get("labels", {})}
        status, _ = await real.ask("POST", NODES, {"apiVersion": "v1", "kind": "Node", "metadata": metadata})
        assert status in (201, 409)


async def _copy_slices(leader: Cluster, real: Cluster, namespace: str) -> None:
    path = COLLECTIONS["EndpointSlice"].format(namespace)
    wanted = {each["metadata"]["name"]: each for each in await leader.objects("EndpointSlice", namespace)}
    for each in await real.objects("EndpointSlice", namespace):
        if each["metadata"]["name"] not in wanted:
            await real.ask("DELETE", f"{path}/{each['metadata']['name']}")
    for name, each in wanted.items():
        labels = each["metadata"].get("labels", {})
        value = {**each, "metadata": {"name": name, "namespace": namespace, "labels": labels}}
        if (await real.ask("PUT", f"{path}/{name}", value))[0] == 404:
            status, said = await real.ask("POST", path, value)
            assert status == 201, said


async def _play_kubelet(leader: Cluster, real: Cluster, namespace: str) -> None:
    """Gives each Pod of the real cluster the state of the embedded cluster's Pod of the same owner and rank."""
    models = _ranked(await leader.objects("Pod", namespace))
    path = COLLECTIONS["Pod"].format(namespace)
    for key, pods in _ranked(await real.objects("Pod", namespace)).items():
        for pod, model in zip(pods, models.get(key, []), strict=False):
            here = f"{path}/{pod['metadata']['name']}"
            if "nodeName" not in pod["spec"]:
                target = {"kind": "Node", "name": model["spec"].get("nodeName", "node-0")}
                binding = {"metadata": {"name": pod["metadata"]["name"]}, "target": target}
                await real.ask("POST", f"{here}/binding", binding)
            if _state(pod) != _state(model):
                fields = ("phase", "podIP", "podIPs", "conditions", "hostIP", "hostIPs")
                status = {key: model["status"][key] for key in fields if key in model["status"]}
                code, said = await real.ask("PATCH", f"{here}/status", {"status": status})
                assert code in (200, 404, 409), said
    for pod in await real.objects("Pod", namespace):
        if "deletionTimestamp" in pod["metadata"]:
            now = {"gracePeriodSeconds": 0}
            await real.ask("DELETE", f"{path}/{pod['metadata']['name']}", now)


def _ranked(pods: list[JsonObject]) -> dict[Key, list[JsonObject]]:
    """Those that stay, by owner; Pods of a Deployment are each other's equals."""
    found: dict[Key, list[JsonObject]] = {}
    for pod in pods:
        if "deletionTimestamp" in pod["metadata"]:
            continue
        metadata = pod["metadata"]
        owner = next((each["kind"] for each in metadata.get("ownerReferences", ())), _ALONE)
        name = metadata["labels"].get("app", "") if owner == "ReplicaSet" else metadata["name"]
        found.setdefault((owner, name), []).append(pod)
    for group in found.values():
        group.sort(key=lambda each: (each["status"].get("podIP", "~"), each["metadata"]["name"]))
    return found


def _state(pod: JsonObject) -> tuple[Any, ...]:
    status = pod["status"]
    ready = [each["status"] for each in status.get("conditions", ()) if each["type"] == "Ready"]
    return status.get("phase"), status.get("podIPs"), ready
