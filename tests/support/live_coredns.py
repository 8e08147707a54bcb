"""A real CoreDNS, where there is one on the PATH or named by COREDNS, and the questions put to it packet by packet."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.stub_upstream import unused_port

COREDNS = os.environ.get("COREDNS") or shutil.which("coredns")
needs_coredns = pytest.mark.skipif(COREDNS is None, reason="no coredns on the PATH")
_TRIES = 5


@asynccontextmanager
async def coredns(corefile: str, folder: Path) -> AsyncIterator[int]:
    """Runs CoreDNS on this Corefile, in which ``$PORT`` is a port of its own; gives that."""
    assert COREDNS is not None
    for _ in range(_TRIES):  # somebody else may take the port first
        port = unused_port()
        path = folder / "Corefile"
        path.write_text(corefile.replace("$PORT", str(port)))
        process = await asyncio.create_subprocess_exec(
            COREDNS, "-conf", str(path), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        said = await _banner(process)
        if b"\nCoreDNS-" in said:
            break
        await process.communicate()
        assert b"address already in use" in said, f"CoreDNS did not start: {said.decode()}"
    try:
        yield port
    finally:
        process.kill()
        await process.communicate()


async def _banner(process: asyncio.subprocess.Process) -> bytes:
    """What it says until it serves, or until it ends."""
    said = b"\n"
    assert process.stdout is not None
    async with asyncio.timeout(20):
        async for line in process.stdout:
            said += line
            if line.startswith(b"CoreDNS-"):
                break
    return said


class _Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, address: object) -> None:
        self.received.put_nowait(data)


class PacketClient:
    """Sends packets over UDP, one at a time."""

    def __init__(self, transport: asyncio.DatagramTransport, inbox: _Inbox) -> None:
        self._transport, self._inbox = transport, inbox

    async def ask(self, packet: bytes, fence: bytes) -> bytes | None:
        """The reply to a packet; None where that to `fence`, a sound query with another id, comes and nothing else.

        Datagrams may overtake each other in a server of many threads: the fence is sent when a reply is late.
        """
        self._transport.sendto(packet)
        try:
            return await asyncio.wait_for(self._inbox.received.get(), 0.25)
        except TimeoutError:
            self._transport.sendto(fence)
        reply = await asyncio.wait_for(self._inbox.received.get(), 5)
        return None if reply[:2] == fence[:2] else reply


@asynccontextmanager
async def packet_client(port: int) -> AsyncIterator[PacketClient]:
    loop = asyncio.get_running_loop()
    transport, inbox = await loop.create_datagram_endpoint(_Inbox, remote_addr=("127.0.0.1", port))
    try:
        yield PacketClient(transport, inbox)
    finally:
        transport.close()
