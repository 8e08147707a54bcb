"""Services created over a Kubernetes API from several clients at once, each waiting for its answer."""

import asyncio
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp

PATH = "/api/v1/namespaces/default/services"
CLIENTS = 8


class NotCreated(Exception):
    """The API refused what it was to create; the message is its answer."""


@dataclass(frozen=True)
class Creates:
    """`milliseconds` of each create, in the order they were answered, and the `seconds` that all took together."""

    milliseconds: Sequence[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.milliseconds) / self.seconds


def service(number: int) -> dict[str, object]:
    """A dual-stack Service."""
    ports = [{"port": 80}]
    spec = {"ipFamilyPolicy": "RequireDualStack", "selector": {"app": "x"}, "ports": ports}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": f"bulk-{number}"}, "spec": spec}


def create(url: str, first: int, count: int, token: str = "") -> Creates:
    """Creates so many Services, numbered from `first`. Raises NotCreated."""
    return asyncio.run(_create(url, iter(range(first, first + count)), token))


async def _create(url: str, numbers: Iterator[int], token: str) -> Creates:
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    taken: list[float] = []
    connector = aiohttp.TCPConnector(ssl=trust, limit=CLIENTS)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with aiohttp.ClientSession(headers=headers, connector=connector) as session:

        async def client() -> None:
            for number in numbers:
                begun = time.perf_counter()
                async with session.post(url + PATH, json=service(number)) as response:
                    body = await response.read()
                if response.status != HTTPStatus.CREATED:
                    raise NotCreated(f"{response.status}: {body[:300].decode(errors='replace')}")
                taken.append((time.perf_counter() - begun) * 1000)

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(CLIENTS):
                group.create_task(client())
        return Creates(taken, time.perf_counter() - begun)
