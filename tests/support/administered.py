"""A server with its admin API on a socket, in the test's own event loop, and somebody who asks it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from resolver.admin.address import Address, TcpAddress, UnixAddress
from resolver.admin.admin_server import AdminServer
from resolver.faults.fault_list import FaultList
from resolver.server.history import History
from tests.support.serving import Object, Serving, namespace, service, serving

COREFILE = ".:0 {\nbind 127.0.0.1\nkubernetes cluster.local\n}\n"
SHOP = (
    namespace("shop"),
    service("web", "10.96.0.1", "fd00:10:96::1", space="shop"),
    service("db", "None", space="shop"),
)
LOOPBACK = TcpAddress("127.0.0.1", 0)


@dataclass
class Administered:
    """A server, its API, and what the API reported. `session` asks over TCP or the socket, whichever it is."""

    served: Serving
    admin: AdminServer
    session: aiohttp.ClientSession
    reported: list[str]

    @property
    def history(self) -> History:
        assert self.served.server.history is not None
        return self.served.server.history

    @property
    def faults(self) -> FaultList:
        assert self.served.server.faults is not None
        return self.served.server.faults

    async def ask(self, method: str, path: str, **request: Any) -> tuple[int, Any]:
        """Status and JSON document."""
        async with self.session.request(method, path, **request) as response:
            return response.status, await response.json()

    async def get(self, path: str, **parameters: str) -> Any:
        """The document of a request that must succeed."""
        status, found = await self.ask("GET", path, params=parameters)
        assert status == 200, found
        return found


@asynccontextmanager
async def administered(
    address: Address = LOOPBACK,
    objects: Sequence[Object] = SHOP,
    *,
    corefile: str = COREFILE,
    path: str = "",
    token: str | None = None,
    history: History | None = None,
    testers: bool = True,
) -> AsyncIterator[Administered]:
    """Starts both and ends them. Without `testers` the server has neither history nor faults."""
    reported: list[str] = []
    kept, faults = (History() if history is None else history, FaultList()) if testers else (None, None)
    async with serving(corefile, objects, path=path, history=kept, faults=faults) as served:
        admin = AdminServer(served.server, address, token=token, report=reported.append)
        admin.open()
        try:
            await admin.serve()
            async with _session(admin.address) as session:
                yield Administered(served, admin, session, reported)
        finally:
            await admin.stop()


def _session(address: Address) -> aiohttp.ClientSession:
    if isinstance(address, UnixAddress):
        return aiohttp.ClientSession("http://localhost", connector=aiohttp.UnixConnector(address.path))
    return aiohttp.ClientSession(str(address))
