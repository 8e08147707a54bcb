"""Random Services on a real kube-apiserver and on the embedded cluster, one after the other: every answer is the same.

Needs etcd and kube-apiserver 1.37 in KUBEBUILDER_ASSETS or PATH.
"""

import http.client
import json
import re
import ssl
import threading
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.support.embedded_cluster import Reply, ask, new_embedded_cluster
from tests.support.random_services import RandomServices
from tests.support.real_api import TOKEN, RealApi, missing_program

pytestmark = pytest.mark.skipif(bool(missing_program()), reason=missing_program() or "never")

RANGES = "10.96.0.0/16,fd00:10:96::/112"
NETWORKS = [ip_network(each) for each in RANGES.split(",")]
SERVICES = "/api/v1/namespaces/shop/services"
START_SECONDS = 90
LOOK_SECONDS = 0.2  # between two looks whether the server is ready

_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_ADDRESS = re.compile(r"[0-9a-fA-F]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*|\d+\.\d+\.\d+\.\d+")
_NODE_PORT = re.compile(r'("(?:nodePort|healthCheckNodePort)": )(\d+)|(Duplicate value: )(\d{5})')
_RANDOM = ("uid", "resourceVersion", "creationTimestamp", "managedFields")


class RealServer:
    """One connection to the real API."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._trust = ssl.create_default_context()
        self._trust.check_hostname = False
        self._trust.verify_mode = ssl.CERT_NONE
        self._connect()

    def _connect(self) -> None:
        self._connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._trust, timeout=30)

    def ask(self, method: str, path: str, body: Any = None) -> Reply:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = self._connection.getresponse()
        read = response.read()
        warnings = [value for name, value in response.getheaders() if name.lower() == "warning"]
        return response.status, json.loads(read) if read.startswith(b"{") else {}, warnings

    def is_ready(self) -> bool:
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            self._connect()
            return False

    def wait(self) -> None:
        never = threading.Event()
        for _ in range(int(START_SECONDS / LOOK_SECONDS)):
            if self.is_ready():
                return
            never.wait(LOOK_SECONDS)
        pytest.fail(f"kube-apiserver was not ready after {START_SECONDS} s")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    folder: Path = tmp_path_factory.mktemp("api")
    api = RealApi(folder)
    api.prepare()
    api.start()
    server = RealServer(api.port)
    try:
        server.wait()
        assert server.ask("POST", "/api/v1/namespaces", {"metadata": {"name": "shop"}})[0] == 201
        yield server
    finally:
        server.close()
        api.stop()


@pytest.mark.parametrize(("seed", "odd"), [(1, 0.01), (2, 0.03), (3, 0.2)])
def test_random_services_are_answered_alike(real: RealServer, seed: int, odd: float) -> None:
    ours = new_embedded_cluster(RANGES)
    services = RandomServices(seed, odd)
    for number in range(60):
        path = f"{SERVICES}/s{seed}-{number}"
        sent = services.service(path.rpartition("/")[2])
        theirs, mine = real.ask("POST", SERVICES, sent), ask(ours, "POST", SERVICES, sent)
        assert _form(mine, sent) == _form(theirs, sent), sent
        if theirs[0] != 201:
            continue
        before = theirs[1], mine[1]
        for _ in range(3):
            change = services.change()
            bodies = change(before[0]), change(before[1])
            theirs, mine = real.ask("PUT", path, bodies[0]), ask(ours, "PUT", path, bodies[1])
            assert _form(mine, bodies[1], before[1]) == _form(theirs, bodies[0], before[0]), bodies[0]["spec"]
            if theirs[0] == 200:
                before = theirs[1], mine[1]
        real.ask("DELETE", path)
        ask(ours, "DELETE", path)


def _form(reply: Reply, sent: Any, stored: Any = None) -> tuple[int, str, list[str]]:
    """The reply with placeholders for what the server picks: what was named in the request stays, unless it was
    picked before (`stored`)."""
    status, body, warnings = reply
    if body.get("kind") != "Status":
        body = {**body, "metadata": {key: value for key, value in body["metadata"].items() if key not in _RANDOM}}
    asked, picked = json.dumps(sent), json.dumps(stored["spec"]) if stored else ""

    def address(found: re.Match[str]) -> str:
        text = found[0]
        try:
            parsed = ip_address(text)
        except ValueError:
            return text
        if text in asked and text not in picked:
            return text
        return next((f"<address {number}>" for number, each in enumerate(NETWORKS) if parsed in each), text)

    def node_port(found: re.Match[str]) -> str:
        number = found[2] or found[4]
        named = re.search(rf"\b{number}\b", asked) and not re.search(rf"\b{number}\b", picked)
        return found[0] if named else f"{found[1] or found[3]}<port>"

    text = _NODE_PORT.sub(node_port, _ADDRESS.sub(address, _UID.sub("UID", json.dumps(body))))
    return status, text, [_unquoted(each) for each in warnings]


def _unquoted(warning: str) -> str:
    if not warning.startswith("299 - "):
        return warning
    return warning[7:-1].replace('\\"', '"').replace("\\\\", "\\")
